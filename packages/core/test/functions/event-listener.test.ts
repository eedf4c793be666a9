import { describe, expect, it } from 'vitest'
import type { Fetch, StampedeEvent, StampedeOptions } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

function listening(options: StampedeOptions) {
  const events: StampedeEvent[] = []
  return { ...setUp({ ...options, onEvent: event => events.push(event) }), events }
}

const down = new Error('down')
const hangs: Fetch<never> = () => new Promise(() => {})

describe('the events', () => {
  it('report a miss, a collapse, a stored value, and hits', async () => {
    const { cache, clock, gate, fetch, events } = listening({ ttl: TTL, staleWhileRevalidate: TTL })
    const calls = [cache.get('k', fetch), cache.get('k', fetch)]
    gate.open()
    await Promise.all(calls)
    await cache.get('k', fetch)
    clock.advance(TTL)
    await cache.get('k', hangs)
    expect(events).toEqual([
      { type: 'miss', key: 'k' },
      { type: 'collapse', key: 'k' },
      { type: 'store', key: 'k', ttl: TTL },
      { type: 'hit', key: 'k', stale: false },
      { type: 'hit', key: 'k', stale: true },
      { type: 'refresh', key: 'k', reason: 'stale' },
    ])
  })

  it('report a refresh before expiry', async () => {
    const { cache, clock, events } = listening({ ttl: TTL, earlyRefresh: 1, random: () => 1 - 2 ** -53 })
    await cache.get('k', () => {
      clock.advance(100)
      return 'old'
    })
    clock.advance(TTL - 1)
    expect(await cache.get('k', hangs)).toBe('old')
    expect(events.at(-1)).toEqual({ type: 'refresh', key: 'k', reason: 'early' })
  })

  it.each(['set', 'delete', 'tag'])('report that %s fenced a result', async change => {
    const { cache, gate, fetch, events } = listening({ ttl: TTL })
    const own: Fetch<string> = context => {
      context.tags = ['t']
      return fetch(context)
    }
    const call = cache.get('k', own)
    if (change === 'set') await cache.set('k', 'new')
    else if (change === 'delete') await cache.delete('k')
    else await cache.invalidateTags('t')
    gate.open()
    await call
    expect(events.at(-1)).toEqual({ type: 'fence', key: 'k' })
  })

  it('report no fence if the result was not to be stored', async () => {
    const { cache, gate, fetch, events } = listening({ ttl: TTL })
    const own: Fetch<string> = context => {
      context.noStore = true
      return fetch(context)
    }
    const call = cache.get('k', own)
    await cache.delete('k')
    gate.open()
    await call
    expect(events.map(({ type }) => type)).toEqual(['miss', 'change'])
  })

  it('report a failure, and the value in its place', async () => {
    const { cache, clock, events } = listening({ ttl: TTL, staleIfError: TTL })
    await cache.set('k', 'old')
    clock.advance(TTL)
    expect(await cache.get('k', fails(down))).toBe('old')
    expect(events.slice(-2)).toEqual([
      { type: 'fail', key: 'k', error: down },
      { type: 'fallback', key: 'k', reason: 'error' },
    ])
  })

  it('report a time-out, and a late result', async () => {
    const { cache, clock, gate, fetch, events } = listening({ timeout: 100 })
    const call = cache.get('k', fetch)
    clock.advance(100)
    await expect(call).rejects.toThrow('timeout')
    gate.open()
    await new Promise(resolve => setImmediate(resolve))
    expect(events.slice(-2)).toEqual([
      { type: 'timeout', key: 'k' },
      { type: 'late', key: 'k' },
    ])
  })

  it.each([true, false])(
    'tell of a fetch over the bound, which is joined and stored by nobody (told: %s)',
    async told => {
      const options = { ttl: TTL, maxFlights: 1 }
      const { cache, events } = told ? listening(options) : { ...setUp(options), events: [] }
      void cache.get('a', hangs)
      expect(await cache.get('b', () => 'b')).toBe('b')
      expect(cache.stats()).toMatchObject({ flights: 1, entries: 0 })
      expect(events.filter(({ type }) => type === 'overflow')).toEqual(told ? [{ type: 'overflow', key: 'b' }] : [])
    },
  )
})

describe('a stale value', () => {
  const options = { ttl: TTL, staleIfError: 1_500 }

  it.each([
    { pause: 999, answer: 'old', fetches: 1 },
    { pause: 1_000, answer: 'up', fetches: 2 },
  ])('stands in for a failure $pause ms ago: $answer', async ({ pause, answer, fetches }) => {
    const { cache, clock } = setUp(options)
    await cache.set('k', 'old')
    clock.advance(TTL)
    expect(await cache.get('k', fails(down))).toBe('old')
    clock.advance(pause)
    expect(await cache.get('k', () => 'up')).toBe(answer)
    expect(cache.stats().fetches).toBe(fetches)
  })

  it('is given after the soft timeout, and only while it may be', async () => {
    const { cache, clock, gate, fetch, events } = listening({ ...options, softTimeout: 100 })
    await cache.set('k', 'old')
    clock.advance(TTL)
    const soon = cache.get('k', fetch)
    clock.advance(100)
    expect(await soon).toBe('old')
    expect(events.at(-1)).toEqual({ type: 'fallback', key: 'k', reason: 'softTimeout' })
    clock.advance(1_350)
    const late = cache.get('k', fetch)
    clock.advance(100)
    gate.open()
    expect(await late).toBe('run 1')
  })
})

describe('jitter', () => {
  it.each([
    [0, TTL],
    [0.5, TTL - 0.1 * TTL],
  ])('with a draw of %d leaves a ttl of %d', async (draw, ttl) => {
    const { cache } = setUp({ ttl: TTL, jitter: 0.2, random: () => draw })
    await cache.set('k', 'v')
    expect(cache.peek('k')).toMatchObject({ age: 0, ttl })
  })
})

describe('a closed cache', () => {
  it('runs each call alone, and stores nothing', async () => {
    const { cache, clock, gate, fetch } = setUp({ ttl: TTL })
    await cache.close()
    const calls = [cache.get('k', fetch), cache.get('k', fetch)]
    expect(cache.stats().flights).toBe(0)
    gate.open()
    expect(await Promise.all(calls)).toEqual(['run 1', 'run 2'])
    expect([cache.stats().entries, clock.pending]).toEqual([0, 0])
  })
})
