import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Fetch, Stampede } from '../../src/index.ts'
import { fails, setUp } from '../support/set-up.ts'

/** The README's section for users of the Go libraries; those of npm are compared in apps/bench. */
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

describe('coming from go-chi/stampede', () => {
  it('NewCache(512, 5s, 10s) and Get: fresh for 5 s, stale until 10 s, at most 512', async () => {
    expect(readme).toContain('new Stampede({ maxEntries: 512, ttl: 5_000, staleWhileRevalidate: 5_000 })')
    const { cache, clock } = setUp({ maxEntries: 512, ttl: 5_000, staleWhileRevalidate: 5_000 })
    const stateAfter = (ms: number): string | undefined => {
      clock.advance(ms)
      return cache.peek('k')?.state
    }
    await cache.get('k', () => 'result')
    expect([stateAfter(4_999), stateAfter(1), stateAfter(4_999), stateAfter(1)]).toEqual([
      'fresh',
      'stale',
      'stale',
      undefined,
    ])
    for (let key = 0; key < 600; key += 1) await cache.set(`${key}`, key)
    expect(cache.stats().entries).toBe(512)
  })

  it('GetFresh never returns a stale value, Set runs even if a value exists', async () => {
    const { cache, clock } = setUp({ ttl: 5_000, staleWhileRevalidate: 5_000 })
    await cache.get('k', () => 'old')
    expect(await cache.refresh('k', () => 'set')).toBe('set')
    clock.advance(5_000)
    expect(await cache.getFresh('k', () => 'new')).toBe('new')
  })

  it('Do with WithTTL, the ttl of fn itself, and WithSkipCache', async () => {
    for (const code of ['`get(key, fetch, { ttl })`', '`context.ttl`', '`ttl: 0`']) expect(readme).toContain(code)
    const { cache } = setUp({ ttl: 60_000 })
    await cache.get('with', () => 'v', { ttl: 1_000 })
    const own: Fetch<string> = context => {
      context.ttl = 2_000
      return 'v'
    }
    await cache.get('own', own, { ttl: 1_000 })
    await cache.get('skip', () => 'v', { ttl: 0 })
    expect(['with', 'own', 'skip'].map(key => cache.peek(key)?.ttl)).toEqual([1_000, 2_000, undefined])
  })
})

describe('coming from AlgoNode/stampede', () => {
  it('NewCache(size, ttl, errorTtl): stale for as long as fresh, and a failure given again', async () => {
    expect(readme).toContain('`maxEntries`, `ttl` and as much `staleWhileRevalidate`, `errorTtl`')
    const { cache, clock } = setUp({ maxEntries: 512, ttl: 5_000, staleWhileRevalidate: 5_000, errorTtl: 1_000 })
    await cache.get('k', () => 'old')
    await expect(cache.get('bad', fails('down'))).rejects.toBe('down')
    clock.advance(999)
    await expect(cache.get('bad', () => 'up')).rejects.toBe('down')
    clock.advance(9_000)
    expect(await cache.get('k', () => 'new')).toBe('old')
  })

  it('ttl 0 only coalesces, which is the default', async () => {
    const { gate, fetch } = setUp()
    const cache = new Stampede()
    const both = [cache.get('k', fetch), cache.get('k', fetch)]
    gate.open()
    expect([...(await Promise.all(both)), await cache.get('k', fetch)]).toEqual(['run 1', 'run 1', 'run 2'])
  })
})
