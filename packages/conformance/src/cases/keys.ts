import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'

const TTL = 5_000

/** Pairs of requests that look alike and are not. */
const DIFFERENT: readonly {
  readonly name: string
  readonly targets: readonly [string, string]
  readonly headers?: readonly [object, object]
}[] = [
  { name: 'the query', targets: ['/s?q=cats', '/s?q=dogs'] },
  { name: 'the order of the query', targets: ['/s?a=1&b=2', '/s?b=2&a=1'] },
  { name: 'no query and an empty one', targets: ['/s', '/s?'] },
  { name: 'case in the path', targets: ['/u/AbC', '/u/aBc'] },
  { name: 'an encoded slash', targets: ['/f/a%2Fb', '/f/a/b'] },
  { name: 'a trailing slash', targets: ['/a', '/a/'] },
  { name: 'the host', targets: ['/', '/'], headers: [{ host: 'a.example' }, { host: 'b.example' }] },
  { name: 'the port of the host', targets: ['/', '/'], headers: [{ host: 'a.example' }, { host: 'a.example:81' }] },
  { name: 'x-forwarded-host', targets: ['/', '/'], headers: [{ 'x-forwarded-host': 'evil.example' }, {}] },
  { name: 'x-forwarded-proto', targets: ['/', '/'], headers: [{ 'x-forwarded-proto': 'https' }, {}] },
]

/** Functions that do not give what they are asked for; types do not keep everybody from writing them. */
const BAD: Readonly<Record<string, object>> = {
  'key gives nothing': { key: () => {} },
  'key gives a number': { key: () => 5 },
  'key gives a promise': { key: async () => 'k' },
  'match gives a promise': { match: async () => false },
}

export function keyCases(setUp: SetUp): void {
  for (const { name, targets, headers = [{}, {}] } of DIFFERENT) {
    it(`distinguishes ${name}`, async () => {
      const { fetch, gate, runs } = await setUp({ options: { ttl: TTL } })
      gate.open()
      const first = await fetch(targets[0], { headers: { ...headers[0] } })
      const second = await fetch(targets[1], { headers: { ...headers[1] } })
      expect([first.body, second.body]).toEqual(['run 1', 'run 2'])
      expect((await fetch(targets[0], { headers: { ...headers[0] } })).body).toBe('run 1')
      expect(runs.count('run')).toBe(2)
    })
  }

  it('distinguishes methods: a DELETE runs even if a GET is stored', async () => {
    const { fetch, gate } = await setUp({ options: { ttl: TTL } })
    gate.open()
    await fetch('/item')
    expect((await fetch('/item', { method: 'DELETE' })).body).toBe('run 2')
    expect((await fetch('/item', { method: 'POST' })).body).toBe('run 3')
  })

  it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])(
    'keeps out what %s may make another method of, stored or not',
    async name => {
      const { fetch, gate } = await setUp({
        options: { ttl: TTL, methods: ['GET', 'POST'] },
        answer: (request, run) => ({ body: `${request.header(name.toLowerCase()) ?? request.method} ${run}` }),
      })
      gate.open()
      const headers = { [name]: 'DELETE' }
      const bodies: string[] = []
      for (const asked of [{ headers }, {}, { headers }, { method: 'POST', headers }, {}])
        bodies.push((await fetch('/', asked)).body)
      expect(bodies).toEqual(['DELETE 1', 'GET 2', 'DELETE 3', 'DELETE 4', 'GET 2'])
      expect((await fetch('/', { headers })).headers['cache-status']).toBe(
        'stampede; fwd=bypass; detail=method-override',
      )
    },
  )

  it('takes the headers named in vary into the key, without letting one be mistaken for another', async () => {
    const { fetch, gate, runs } = await setUp({ options: { ttl: TTL, vary: ['X-Tenant', 'X-Team'] } })
    gate.open()
    const all = [
      { 'x-tenant': '1', 'x-team': '2' },
      { 'x-tenant': '12' },
      { 'x-tenant': '1x-team:2' },
      { 'x-team': '12' },
      { 'x-tenant': '', 'x-team': '12' },
    ]
    for (const headers of all) await fetch('/', { headers })
    expect(runs.count('run')).toBe(all.length)
    for (const headers of all) await fetch('/', { headers })
    expect(runs.count('run')).toBe(all.length)
  })

  it('counts only the query parameters that are named', async () => {
    const { fetch, gate, runs } = await setUp({ options: { ttl: TTL, query: ['q'] } })
    gate.open()
    await fetch('/s?q=1&utm=a')
    await fetch('/s?utm=b&q=1')
    expect(runs.count('run')).toBe(1)
    await fetch('/s?%71=2&q=1')
    expect(runs.count('run')).toBe(2)
  })

  it('takes a key of one’s own in place of path and query, and null as a bypass', async () => {
    const { fetch, gate, runs, stats } = await setUp({
      options: { ttl: TTL, key: view => (view.target === '/none' ? null : 'one') },
    })
    gate.open()
    await fetch('/a')
    await fetch('/b')
    expect(runs.count('run')).toBe(1)
    await fetch('/none')
    expect(stats().bypasses).toBe(1)
  })

  it('runs the handler when an option of one’s own throws, and says so', async () => {
    const { fetch, gate, events } = await setUp({
      options: {
        key: () => {
          throw new Error('bad key')
        },
      },
    })
    gate.open()
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'run 1' })
    expect(events.count('error')).toBe(1)
  })

  for (const [name, options] of Object.entries(BAD)) {
    it(`runs the handler for each request, and says so, where ${name}`, async () => {
      const { fetch, gate, events, stats } = await setUp({ options: { ttl: TTL, ...options } })
      gate.open()
      const replies = [await fetch('/'), await fetch('/')]
      expect(replies.map(({ body }) => body)).toEqual(['run 1', 'run 2'])
      expect(replies[0]?.headers['cache-status']).toBe('stampede; fwd=bypass; detail=error')
      expect(events.count('error')).toBe(2)
      expect(stats()).toMatchObject({ entries: 0, bypasses: 2 })
    })
  }
}
