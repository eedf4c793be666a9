import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { FetchOptions } from '../client.ts'
import type { Scene } from '../stage.ts'

const TTL = 5_000
const KIB = 1024
const MIB = KIB * KIB
const BYTES = { 'content-type': 'application/octet-stream' }

const post = (body?: string | Buffer, headers: FetchOptions['headers'] = BYTES): FetchOptions => ({
  method: 'POST',
  headers,
  ...(body !== undefined && { body }),
})

/** Answers with the body that it was sent. */
const echo: Scene = {
  options: { ttl: TTL, methods: ['GET', 'HEAD', 'POST'] },
  answer: async (request, run) => ({
    headers: { 'x-run': String(run) },
    body: Buffer.concat([Buffer.from(`${request.method} `), await request.body()]),
  }),
}

/** Pairs of POSTs that look alike and are not. */
const DIFFERENT: Readonly<Record<string, readonly [FetchOptions, FetchOptions]>> = {
  'the body': [post('cats'), post('dogs')],
  'a body and none': [post('0'), post()],
  'bodies of one length beyond what stands in the key': [post(`${'x'.repeat(100)}a`), post(`${'x'.repeat(100)}b`)],
  'bytes that are no text': [post(Buffer.from([0xff])), post(Buffer.from([0xfe]))],
  'the type of the body': [post('{}', { 'content-type': 'application/json' }), post('{}')],
  'the language of the body': [post('a', { ...BYTES, 'content-language': 'de' }), post('a')],
  'the order of members': [
    post('{"a":1,"b":2}', { 'content-type': 'application/json' }),
    post('{"b":2,"a":1}', { 'content-type': 'application/json' }),
  ],
  'numbers in JSON': [
    post('[0]', { 'content-type': 'application/json' }),
    post('[-0]', { 'content-type': 'application/json' }),
  ],
  'a number and a text in JSON': [
    post('["1"]', { 'content-type': 'application/json' }),
    post('[1]', { 'content-type': 'application/json' }),
  ],
}

export function methodCases(setUp: SetUp): void {
  it('runs a POST once for all that send the same body at the same time, and answers from the store', async () => {
    const { burst, fetch, gate, runs } = await setUp(echo)
    const replies = await burst(5, '/search', post('q=1'))
    gate.open()
    for (const reply of [...(await Promise.all(replies)), await fetch('/search', post('q=1'))])
      expect(reply).toMatchObject({ status: 200, body: 'POST q=1' })
    expect(runs.count('run')).toBe(1)
  })

  for (const [name, [one, other]] of Object.entries(DIFFERENT)) {
    it(`of a POST distinguishes ${name}`, async () => {
      const { fetch, gate, runs } = await setUp(echo)
      gate.open()
      const bodies = [await fetch('/', one), await fetch('/', other), await fetch('/', one)].map(({ body }) => body)
      expect(bodies[2]).toBe(bodies[0])
      expect(runs.count('run')).toBe(2)
    })
  }

  for (const chunked of [false, true]) {
    it(`leaves the handler every byte of a body ${chunked ? 'in chunks' : 'of a known length'}`, async () => {
      const { fetch, gate, runs, stats } = await setUp({ ...echo, options: { ...echo.options, maxBodyBytes: 2 * MIB } })
      gate.open()
      const sizes = [0, 1, 64, 65, 16 * KIB, 64 * KIB + 1, MIB]
      for (const size of sizes) {
        const body = Buffer.alloc(size, 'abcdefg')
        const headers = chunked ? { ...BYTES, 'transfer-encoding': 'chunked' } : BYTES
        const replies = [await fetch('/', post(body, headers)), await fetch('/', post(body, headers))]
        for (const reply of replies) expect(reply.body.slice(5) === body.toString()).toBe(true)
      }
      expect(runs.count('run')).toBe(sizes.length)
      expect(stats()).toMatchObject({ hits: sizes.length, bypasses: 0 })
    })

    it(`bypasses with a larger body ${chunked ? 'in chunks' : 'of a known length'}, all of which is there`, async () => {
      const { fetch, gate, stats } = await setUp(echo)
      gate.open()
      const body = Buffer.alloc(MIB + 1, 'abcdefg')
      const headers = chunked ? { ...BYTES, 'transfer-encoding': 'chunked' } : BYTES
      const reply = await fetch('/', post(body, headers))
      expect(reply.body.slice(5) === body.toString()).toBe(true)
      expect(reply.headers['cache-status']).toBe('stampede; fwd=bypass; detail=body')
      expect(stats()).toMatchObject({ bypasses: 1, entries: 0 })
    })
  }

  it('counts a long body for little in the store', async () => {
    const { fetch, gate, stats } = await setUp({ ...echo, answer: () => ({ body: 'short' }) })
    gate.open()
    await fetch('/', post(Buffer.alloc(MIB)))
    expect(stats().entries).toBe(1)
    expect(stats().bytes).toBeLessThan(4 * KIB)
  })

  it('never answers one method with what another one stored', async () => {
    const { fetch, gate } = await setUp(echo)
    gate.open()
    for (const method of ['GET', 'POST', 'HEAD'])
      expect((await fetch('/', { method })).headers['x-run']).toBe(method === 'POST' ? '2' : '1')
  })

  it('never lets one method wait for another', async () => {
    const { burst, fetch, gate, runs } = await setUp(echo)
    const replies = [...(await burst(2, '/')), ...(await burst(2, '/', { method: 'POST' }))]
    const alone = fetch('/', { method: 'DELETE' })
    await runs.until('run', 3)
    gate.open()
    expect((await Promise.all([...replies, alone])).map(({ body }) => body.trim())).toEqual([
      'GET',
      'GET',
      'POST',
      'POST',
      'DELETE',
    ])
  })

  it('bypasses a GET with a body, whatever takes part', async () => {
    const { fetch, gate, runs } = await setUp({ ...echo, answer: (_request, run) => ({ body: `run ${run}` }) })
    gate.open()
    const bodies: string[] = []
    for (const body of ['a', 'a', undefined, undefined])
      bodies.push((await fetch('/', body === undefined ? {} : { body, headers: { 'content-length': '1' } })).body)
    expect(bodies).toEqual(['run 1', 'run 2', 'run 3', 'run 3'])
    expect(runs.count('run')).toBe(3)
  })

  for (const name of ['if-none-match', 'if-modified-since', 'if-match', 'range']) {
    it(`bypasses a POST with ${name}`, async () => {
      const { fetch, gate, runs } = await setUp(echo)
      gate.open()
      await fetch('/', post('a'))
      expect((await fetch('/', post('a', { ...BYTES, [name]: '"a"' }))).status).toBe(200)
      expect(runs.count('run')).toBe(2)
    })
  }

  it('keeps the body in the key beside a key of one’s own', async () => {
    const { fetch, gate } = await setUp({ ...echo, options: { ...echo.options, key: () => 'one' } })
    gate.open()
    expect([(await fetch('/a', post('a'))).body, (await fetch('/b', post('b'))).body]).toEqual(['POST a', 'POST b'])
    expect((await fetch('/c', post('a'))).body).toBe('POST a')
  })

  it('bypasses a POST with credentials', async () => {
    const { fetch, gate, stats } = await setUp(echo)
    gate.open()
    await fetch('/', post('a'))
    await fetch('/', post('a', { ...BYTES, cookie: 'sid=1' }))
    expect(stats()).toMatchObject({ bypasses: 1, hits: 0 })
  })

  for (const method of ['REPORT', 'SEARCH', 'PUT']) {
    it(`takes part with ${method}, the body in the key`, async () => {
      const { fetch, gate, runs } = await setUp({ ...echo, options: { ttl: TTL, methods: [method] } })
      gate.open()
      const bodies: string[] = []
      for (const body of ['a', 'b', 'a']) bodies.push((await fetch('/', { ...post(body), method })).body)
      expect(bodies).toEqual([`${method} a`, `${method} b`, `${method} a`])
      expect(runs.count('run')).toBe(2)
    })
  }
}
