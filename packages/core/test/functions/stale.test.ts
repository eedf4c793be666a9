import { describe, expect, it } from 'vitest'
import type { Fetch } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

describe('stale values', () => {
  const options = { ttl: TTL, staleWhileRevalidate: TTL }

  it('are given while one refresh runs in the background', async () => {
    const { cache, clock, gate, fetch, runs } = setUp(options)
    await cache.set('k', 'old')
    clock.advance(TTL)
    expect(await Promise.all([cache.get('k', fetch), cache.get('k', fetch)])).toEqual(['old', 'old'])
    expect(runs()).toBe(1)
    gate.open()
    expect(await cache.getFresh('k', fetch)).toBe('run 1')
    expect(await cache.get('k', fetch)).toBe('run 1')
    expect(cache.stats()).toMatchObject({ staleHits: 2, fetches: 1 })
  })

  it('are gone at the end of their window', async () => {
    const { cache, clock, gate, fetch } = setUp(options)
    gate.open()
    await cache.set('k', 'old')
    clock.advance(2 * TTL)
    expect(cache.peek('k')).toBeUndefined()
    expect(await cache.get('k', fetch)).toBe('run 1')
  })

  it('are never given by getFresh, whatever fails', async () => {
    const { cache, clock } = setUp(options)
    await cache.set('k', 'old')
    clock.advance(TTL)
    await expect(cache.getFresh('k', fails(new Error('down')))).rejects.toThrow('down')
  })

  it('survive failed refreshes, which back off from one second to thirty', async () => {
    const { cache, clock } = setUp({ ttl: TTL, staleWhileRevalidate: 600_000 })
    await cache.set('k', 'old')
    clock.advance(TTL)
    let fetches = 0
    const failing: Fetch<string> = async () => {
      fetches += 1
      throw new Error('down')
    }
    const after20Calls = async (): Promise<number> => {
      for (let call = 0; call < 20; call += 1) expect(await cache.get('k', failing)).toBe('old')
      return fetches
    }
    expect(await after20Calls()).toBe(1)
    const seen: number[] = []
    for (const pause of [999, 1, 1999, 1, 3999, 1, 26_999 + 1]) {
      clock.advance(pause)
      seen.push(await after20Calls())
    }
    expect(seen).toEqual([1, 2, 2, 3, 3, 4, 5])
  })

  it('are shown to the fetch that replaces them', async () => {
    const { cache } = setUp(options)
    await cache.set('k', 'old')
    expect(await cache.refresh('k', ({ stale, key }) => `${key}: ${String(stale)} and new`)).toBe('k: old and new')
  })
})
