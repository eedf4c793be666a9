import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import { Gate } from '../gate.ts'
import type { OriginAnswer } from '../mount.ts'
import type { Stage } from '../stage.ts'

const options = { ttl: 60_000 }

/** What a POST to /a?q=1 with this answer leaves stored of targets that all were. */
async function leftAfter(setUp: SetUp, answer: OriginAnswer, targets: readonly string[]): Promise<string[]> {
  const stage = await setUp({ options, answer: ({ method }) => (method === 'POST' ? answer : { body: 'x' }) })
  stage.gate.open()
  for (const target of targets) await stage.fetch(target, { headers: { host: 'own.example' } })
  await stage.fetch('/a?q=1', { method: 'POST', headers: { host: 'own.example' } })
  return stored(stage, targets, { host: 'own.example' })
}

async function stored({ fetch }: Stage, targets: readonly string[], headers = {}): Promise<string[]> {
  const found: string[] = []
  for (const target of targets) {
    const { headers: got } = await fetch(target, { headers })
    if (/; hit/.test(got['cache-status']?.toString() ?? '')) found.push(target)
  }
  return found
}

/** References in a Location that are, and are not, to be invalidated. */
const REFERENCES: readonly (readonly [reference: string, reached: string | undefined])[] = [
  ['/b', '/b'],
  ['b?c=1', '/b?c=1'],
  ['?c=1', '/a?c=1'],
  ['http://own.example/b', '/b'],
  ['http://OWN.example:80/b#part', '/b'],
  ['//own.example/b', '/b'],
  ['http://other.example/b', undefined],
  ['//other.example/b', undefined],
  ['http://own.example:81/b', undefined],
  ['http://own.example@other.example/b', undefined],
  ['http://[', undefined],
  ['javascript:alert(1)', undefined],
  ['', undefined],
]

export function unsafeCases(setUp: SetUp): void {
  it.each([
    ['POST', 200],
    ['PUT', 204],
    ['PATCH', 201],
    ['DELETE', 303],
    ['DELETE', 399],
  ])(
    'a %s that is answered with %i drops what is stored for its URI, and no other (RFC 9111 s4.4)',
    async (method, status) => {
      const stage = await setUp({
        options,
        answer: request => (request.method === method ? { status } : { body: 'x' }),
      })
      stage.gate.open()
      const targets = ['/a', '/a?q=1', '/a/', '/b']
      for (const target of targets) await stage.fetch(target)
      await stage.fetch('/a', { headers: { host: 'other.example' } })
      expect((await stage.fetch('/a', { method })).status).toBe(status)
      expect(await stored(stage, targets)).toEqual(['/a?q=1', '/a/', '/b'])
      expect(await stored(stage, ['/a'], { host: 'other.example' })).toEqual(['/a'])
      expect(stage.events.count('invalidate')).toBe(1)
    },
  )

  it.each([
    ['POST', 400],
    ['DELETE', 404],
    ['PUT', 500],
    ['OPTIONS', 200],
    ['HEAD', 200],
  ])('a %s that is answered with %i drops nothing', async (method, status) => {
    const stage = await setUp({
      options,
      answer: request => ({ status: request.method === method ? status : 200, body: 'x' }),
    })
    stage.gate.open()
    await stage.fetch('/a')
    await stage.fetch('/a', { method })
    expect(await stored(stage, ['/a'])).toEqual(['/a'])
    expect(stage.events.count('invalidate')).toBe(0)
  })

  it('counts with credentials or a body, and cannot be caused by a header of a client', async () => {
    const stage = await setUp({ options })
    stage.gate.open()
    await stage.fetch('/a')
    const claims = {
      'x-http-method-override': 'DELETE',
      'cache-control': 'no-cache',
      'stampede-cache-tag': 'a',
      purge: '1',
    }
    await stage.fetch('/a', { headers: claims })
    expect(await stored(stage, ['/a'])).toEqual(['/a'])
    await stage.fetch('/a', {
      method: 'POST',
      headers: { cookie: 'a=1', authorization: 'Basic x', 'content-type': 'text/plain' },
      body: 'x',
    })
    expect(await stored(stage, ['/a'])).toEqual([])
  })

  it('is none whose method takes part: it reads, and drops nothing', async () => {
    const stage = await setUp({ options: { ...options, methods: ['GET', 'POST'] } })
    stage.gate.open()
    await stage.fetch('/a')
    const sent = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'q' }
    for (const more of [sent, { ...sent, headers: { ...sent.headers, cookie: 'a=1' } }]) await stage.fetch('/a', more)
    expect(stage.events.count('invalidate')).toBe(0)
    expect(await stored(stage, ['/a'])).toEqual(['/a'])
  })

  it('takes effect before the client sees the answer', async () => {
    const stage = await setUp({
      options,
      answer: ({ method }, run) => ({ body: `run ${run}`, ...(method === 'PUT' && { headers: { 'x-put': '1' } }) }),
    })
    stage.gate.open()
    await stage.fetch('/a')
    const read = new Promise<string>(resolve => {
      void stage.fetch('/a', { method: 'PUT', onHead: () => void stage.fetch('/a').then(({ body }) => resolve(body)) })
    })
    expect(await read).toBe('run 3')
  })

  it('counts though its client has gone before the answer', async () => {
    const write = new Gate()
    const stage = await setUp({
      options,
      answer: async ({ method }) => {
        if (method === 'POST') await write.passed()
        return { body: 'x' }
      },
    })
    stage.gate.open()
    await stage.fetch('/a')
    const leaving = new AbortController()
    const written = stage.fetch('/a', { method: 'POST', signal: leaving.signal })
    await stage.runs.until('run', 2)
    leaving.abort()
    await expect(written).rejects.toThrow('aborted')
    await stage.connections.until('closed', 2)
    write.open()
    await stage.events.until('invalidate', 1)
    expect(stage.stats().entries).toBe(0)
  })

  it('fences flights: an earlier answer is not stored, and no more requests join it', async () => {
    const write = new Gate()
    const read = new Gate()
    const stage = await setUp({
      options,
      answer: async ({ method }, run) => {
        await (method === 'POST' ? write : read).passed()
        return { body: `run ${run}` }
      },
    })
    stage.gate.open()
    const before = stage.fetch('/a')
    await stage.runs.until('run', 1)
    write.open()
    await stage.fetch('/a', { method: 'POST' })
    const after = stage.fetch('/a')
    await stage.runs.until('run', 3)
    read.open()
    expect([(await before).body, (await after).body, (await stage.fetch('/a')).body]).toEqual([
      'run 1',
      'run 3',
      'run 3',
    ])
  })

  it.each(REFERENCES)('with Location or Content-Location %j reaches %s', async (reference, reached) => {
    for (const name of ['location', 'content-location']) {
      const targets = ['/b', '/b?c=1', '/a?c=1', '/']
      const left = await leftAfter(setUp, { status: 201, headers: { [name]: reference }, body: 'x' }, targets)
      expect(left).toEqual(targets.filter(target => target !== reached))
    }
  })

  it('reaches responses for any query, if only a part of the query is in the key', async () => {
    const stage = await setUp({ options: { ...options, query: ['page'] } })
    stage.gate.open()
    await stage.fetch('/a?page=1&utm=1')
    await stage.fetch('/b?page=1')
    await stage.fetch('/a?utm=2&page=1', { method: 'POST' })
    expect(await stored(stage, ['/a?page=1', '/b?page=1'])).toEqual(['/b?page=1'])
  })
}
