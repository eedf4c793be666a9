import { expect, it } from 'vitest'
import { Gate } from '../gate.ts'
import type { SetUp } from '../suite.ts'

const TTL = 5_000

export function replayCases(setUp: SetUp): void {
  it('leaves headers of one request to each request: an id, CORS', async () => {
    let id = 0
    const { fetch, events, gate, runs } = await setUp({
      options: { ttl: TTL },
      inFront: {
        before: request => {
          id += 1
          return {
            'x-request-id': `id ${id}`,
            'access-control-allow-origin': request.header('origin') ?? '*',
            vary: 'Origin',
          }
        },
      },
      answer: () => ({ headers: { 'x-own': 'kept' }, body: 'page' }),
    })
    const origins = ['https://a.example', 'https://b.example', 'https://c.example']
    const waiting = origins.map(origin => fetch('/', { headers: { origin } }))
    await events.until('follow', 2)
    gate.open()
    const replies = [...(await Promise.all(waiting)), await fetch('/', { headers: { origin: origins[0] } })]
    expect(replies.map(reply => reply.headers['access-control-allow-origin'])).toEqual([...origins, origins[0]])
    expect(new Set(replies.map(reply => reply.headers['x-request-id'])).size).toBe(4)
    expect(replies.map(reply => reply.headers['x-own'])).toEqual(Array(4).fill('kept'))
    expect(runs.count('run')).toBe(1)
  })

  it('never replays rate limits, and what omitHeaders names', async () => {
    const { fetch, gate } = await setUp({
      options: { ttl: TTL, omitHeaders: ['X-Secret'] },
      answer: () => ({
        headers: { 'x-ratelimit-remaining': '9', ratelimit: 'r=9', 'x-secret': '1', 'x-own': '1' },
        body: 'x',
      }),
    })
    gate.open()
    expect((await fetch('/')).headers).toMatchObject({
      'x-ratelimit-remaining': '9',
      ratelimit: 'r=9',
      'x-secret': '1',
    })
    const { headers } = await fetch('/')
    expect(headers).toMatchObject({ 'x-own': '1' })
    for (const name of ['x-ratelimit-remaining', 'ratelimit', 'x-secret']) expect(headers).not.toHaveProperty(name)
  })

  it('says what became of each request in Cache-Status and Age', async () => {
    const { burst, fetch, gate, clock } = await setUp({ options: { ttl: TTL, xCache: true } })
    const [leader, follower] = await burst(2, '/')
    gate.open()
    const statuses = [(await leader)?.headers['cache-status'], (await follower)?.headers['cache-status']]
    expect(new Set(statuses)).toEqual(new Set(['stampede; fwd=uri-miss', 'stampede; fwd=uri-miss; collapsed']))
    clock.advance(2_000)
    const hit = await fetch('/')
    expect(hit.headers).toMatchObject({ 'cache-status': 'stampede; hit; ttl=3', age: '2', 'x-cache': 'HIT' })
    clock.advance(3_000)
    expect((await fetch('/')).headers['cache-status']).toBe('stampede; fwd=stale')
    const bypassed = await fetch('/', { headers: { cookie: 'a=b' } })
    expect(bypassed.headers).toMatchObject({
      'cache-status': 'stampede; fwd=bypass; detail=cookie',
      'x-cache': 'BYPASS',
    })
    expect((await fetch('/', { method: 'POST' })).headers['cache-status']).toBe('stampede; fwd=method')
  })

  it('says so in X-Cache where it is asked to, by one word for each outcome', async () => {
    const { burst, fetch, gate, clock, events } = await setUp({
      options: { ttl: TTL, staleWhileRevalidate: TTL, xCache: true, cacheStatus: false },
    })
    const waiting = await burst(2, '/')
    gate.open()
    const replies = (await Promise.all(waiting)).concat(await fetch('/'))
    replies.push(await fetch('/', { headers: { cookie: 'a=b' } }), await fetch('/', { method: 'POST' }))
    await fetch('/')
    clock.advance(TTL)
    replies.push(await fetch('/'))
    await events.until('refresh', 1)
    const words = replies.map(({ headers }) => headers['x-cache'])
    expect(new Set(words.slice(0, 2))).toEqual(new Set(['MISS', 'COLLAPSED']))
    expect(words.slice(2)).toEqual(['HIT', 'BYPASS', 'BYPASS', 'STALE'])
    for (const { headers } of replies) expect(headers).not.toHaveProperty('cache-status')
  })

  it('marks followers of a stale response as such', async () => {
    const again = new Gate()
    const { burst, fetch, gate, clock } = await setUp({
      options: { ttl: TTL },
      answer: async (_request, run) => {
        if (run > 1) await again.passed()
        return { body: `run ${run}` }
      },
    })
    gate.open()
    await fetch('/')
    clock.advance(TTL)
    const waiting = await burst(2, '/')
    again.open()
    const statuses = (await Promise.all(waiting)).map(({ headers }) => headers['cache-status'])
    expect(new Set(statuses)).toEqual(new Set(['stampede; fwd=stale', 'stampede; fwd=stale; collapsed']))
  })

  it('says nothing in X-Cache by default', async () => {
    const { fetch, gate } = await setUp({ options: { ttl: TTL } })
    gate.open()
    for (let request = 0; request < 2; request += 1) expect((await fetch('/')).headers).not.toHaveProperty('x-cache')
  })

  it('adds what the handler added to a list to what stands on each reply', async () => {
    let id = 0
    const { fetch, gate, runs } = await setUp({
      options: { ttl: TTL },
      inFront: { before: () => ({ link: `<front-${(id += 1)}>`, 'x-both': 'front' }) },
      answer: () => ({ headers: { link: `<front-${id}>, <own>`, 'x-both': 'own' }, body: 'x' }),
    })
    gate.open()
    for (const number of [1, 2, 3])
      expect((await fetch('/')).headers).toMatchObject({ link: `<front-${number}>, <own>`, 'x-both': 'own' })
    expect(runs.count('run')).toBe(1)
  })

  it('takes another name for Cache-Status, or none', async () => {
    const named = await setUp({ options: { cacheStatus: 'edge-1' } })
    named.gate.open()
    expect((await named.fetch('/')).headers['cache-status']).toBe('edge-1; fwd=uri-miss')
    const silent = await setUp({ options: { cacheStatus: false } })
    silent.gate.open()
    expect((await silent.fetch('/')).headers).not.toHaveProperty('cache-status')
  })

  it('adds the age that a response came with, and keeps its date', async () => {
    const date = new Date().toUTCString()
    const { fetch, gate, clock } = await setUp({
      answer: () => ({ headers: { 'cache-control': 'max-age=60', age: '10', date }, body: 'x' }),
    })
    gate.open()
    await fetch('/')
    clock.advance(5_000)
    expect((await fetch('/')).headers).toMatchObject({ age: '15', date, 'cache-status': 'stampede; hit; ttl=45' })
  })

  it('has the age by an older Date (RFC 9111 s4.2.3)', async () => {
    const date = new Date(Date.now() - 100_000).toUTCString()
    const { fetch, gate } = await setUp({
      answer: () => ({ headers: { 'cache-control': 'max-age=600', age: '10', date }, body: 'x' }),
    })
    gate.open()
    await fetch('/')
    const { headers } = await fetch('/')
    expect(headers.date).toBe(date)
    expect(Number(headers.age)).toBeGreaterThanOrEqual(100)
  })

  it('answers a conditional request from the store with 304', async () => {
    const { fetch, gate, runs } = await setUp({
      options: { ttl: TTL },
      answer: () => ({ headers: { etag: '"v1"', 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }, body: 'x' }),
    })
    gate.open()
    await fetch('/')
    const conditions = [
      { 'if-none-match': 'W/"v0", W/"v1"' },
      { 'if-none-match': '*' },
      { 'if-modified-since': 'Mon, 01 Jan 2024 00:00:00 GMT' },
    ]
    for (const headers of conditions) {
      const reply = await fetch('/', { headers })
      expect(reply).toMatchObject({ status: 304, body: '' })
      expect(reply.headers.etag).toBe('"v1"')
    }
    expect(await fetch('/', { headers: { 'if-none-match': '"v2"' } })).toMatchObject({ status: 200, body: 'x' })
    expect(runs.count('run')).toBe(1)
  })

  it('never sends a 304 or a 206 to a request that did not ask for it', async () => {
    const { fetch, gate } = await setUp({
      options: { ttl: TTL },
      answer: request => {
        if (request.header('range') !== undefined)
          return { status: 206, headers: { 'content-range': 'bytes 0-1/4' }, body: 'wh' }
        if (request.header('if-none-match') !== undefined) return { status: 304, headers: { etag: '"v1"' } }
        return { headers: { etag: '"v1"' }, body: 'whole' }
      },
    })
    gate.open()
    expect((await fetch('/', { headers: { 'if-none-match': '"v1"' } })).status).toBe(304)
    expect((await fetch('/', { headers: { range: 'bytes=0-1' } })).status).toBe(206)
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'whole' })
  })
}
