import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'

const TTL = 5_000

export function collapseCases(setUp: SetUp): void {
  it('answers 500 concurrent GETs with one run', async () => {
    const { burst, gate, runs } = await setUp()
    const replies = await burst(500, '/report')
    gate.open()
    const bodies = (await Promise.all(replies)).map(({ status, body }) => `${status} ${body}`)
    expect(bodies).toEqual(Array.from({ length: 500 }, () => '200 run 1'))
    expect(runs.count('run')).toBe(1)
  })

  it('runs another key beside one that is held', async () => {
    const { fetch, gate, runs } = await setUp({ answer: ({ target }) => ({ body: target }) })
    const both = [fetch('/a'), fetch('/b')]
    await Promise.all([runs.until('/a', 1), runs.until('/b', 1)])
    gate.open()
    expect((await Promise.all(both)).map(reply => reply.body)).toEqual(['/a', '/b'])
  })

  it('stores nothing with a ttl of 0', async () => {
    const { fetch, gate, stats } = await setUp()
    gate.open()
    expect((await fetch('/')).body).toBe('run 1')
    expect((await fetch('/')).body).toBe('run 2')
    expect(stats()).toMatchObject({ entries: 0, flights: 0, hits: 0, misses: 2 })
  })

  it('answers from the store until the ttl ends, and not a moment longer', async () => {
    const { fetch, gate, clock } = await setUp({ options: { ttl: TTL } })
    gate.open()
    expect((await fetch('/')).body).toBe('run 1')
    clock.advance(TTL - 1)
    expect((await fetch('/')).body).toBe('run 1')
    clock.advance(1)
    expect((await fetch('/')).body).toBe('run 2')
  })

  it('answers a burst at expiry with one run', async () => {
    const { fetch, gate, clock, runs } = await setUp({ options: { ttl: TTL } })
    gate.open()
    await fetch('/')
    clock.advance(TTL)
    const replies = await Promise.all(Array.from({ length: 100 }, () => fetch('/')))
    expect(new Set(replies.map(reply => reply.body))).toEqual(new Set(['run 2']))
    expect(runs.count('run')).toBe(2)
  })

  it('answers earlier requests with flights from before clear(), and stores none of them', async () => {
    const { burst, fetch, gate, clear } = await setUp({ options: { ttl: TTL } })
    const replies = await burst(3, '/')
    void clear()
    gate.open()
    expect((await Promise.all(replies)).map(reply => reply.body)).toEqual(['run 1', 'run 1', 'run 1'])
    expect((await fetch('/')).body).toBe('run 2')
  })

  it('lets a HEAD follow a GET, and answers it from a stored GET', async () => {
    const { fetch, events, gate, runs } = await setUp({ options: { ttl: TTL } })
    const get = fetch('/')
    await runs.until('run', 1)
    const head = fetch('/', { method: 'HEAD' })
    await events.until('follow', 1)
    gate.open()
    expect(await get).toMatchObject({ status: 200, body: 'run 1' })
    for (const reply of [await head, await fetch('/', { method: 'HEAD' })]) {
      expect(reply).toMatchObject({ status: 200, body: '' })
      expect(reply.headers['content-length']).toBe('5')
    }
    expect(runs.count('run')).toBe(1)
  })

  it('never lets a GET follow a HEAD', async () => {
    const { fetch, gate, runs } = await setUp({ options: { ttl: TTL }, answer: () => ({ body: 'whole' }) })
    const head = fetch('/', { method: 'HEAD' })
    await runs.until('run', 1)
    const get = fetch('/')
    await runs.until('run', 2)
    gate.open()
    expect(await head).toMatchObject({ status: 200, body: '' })
    expect(await get).toMatchObject({ status: 200, body: 'whole' })
  })

  it('leaves POST alone', async () => {
    const { fetch, gate, stats } = await setUp({ options: { ttl: TTL } })
    gate.open()
    const headers = { 'content-type': 'text/plain' }
    const bodies = ['one', 'two'].map(async body => (await fetch('/', { method: 'POST', headers, body })).body)
    expect((await Promise.all(bodies)).sort()).toEqual(['run 1', 'run 2'])
    expect(stats()).toMatchObject({ bypasses: 2, entries: 0 })
  })
}
