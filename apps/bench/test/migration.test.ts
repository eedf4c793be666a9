import { readFileSync } from 'node:fs'
import { Stampede } from '@stampede/core'
import { createCache } from 'async-cache-dedupe'
import { LRUCache } from 'lru-cache'
import pMemoize, { pMemoizeClear } from 'p-memoize'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TestClock } from '../../../packages/conformance/src/test-clock.ts'

/** What the table "Coming from" of the core's README says of libraries that can be run beside ours: both do the same. */
const readme = readFileSync(new URL('../../../packages/core/README.md', import.meta.url), 'utf8')

function rowOf(peer: string): string {
  return readme.split('\n').find(line => line.startsWith(`| ${peer} `)) ?? ''
}

const clock = new TestClock()

/** Time goes by for the peers, which read the runtime's clocks, and for ours. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms)
  await vi.advanceTimersByTimeAsync(ms)
}

/** Work that numbers its runs, and fails on request. */
function work() {
  const state = { runs: 0, fails: false }
  const run = async (key: string): Promise<string> => {
    state.runs += 1
    if (state.fails) throw new Error('down')
    return `${key} ${state.runs}`
  }
  return { state, run }
}

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000_000 }))
afterEach(() => void vi.useRealTimers())

describe('p-memoize', () => {
  it('is named as it is tried', () => {
    expect(rowOf('p-memoize')).toContain('`pMemoize(fn, { cacheKey: ([id]) => id })`')
    expect(rowOf('p-memoize')).toContain('`wrap(fn, { key: id => id, ttl: Infinity })`')
    expect(rowOf('p-memoize')).toContain('`pMemoizeClear`: `clear()`')
  })

  it('shares, keeps for ever, keeps no failure, and is cleared, as ours', async () => {
    const theirs = work()
    const memoized = pMemoize(theirs.run, { cacheKey: ([id]) => id })
    const ours = work()
    const cache = new Stampede({ clock })
    const wrapped = cache.wrap(ours.run, { key: id => id, ttl: Number.POSITIVE_INFINITY })
    const sides = [
      { ...theirs, ask: memoized, clear: () => pMemoizeClear(memoized) },
      { ...ours, ask: wrapped, clear: () => void cache.clear() },
    ]
    for (const { state, ask, clear } of sides) {
      state.fails = true
      await expect(ask('a')).rejects.toThrow('down')
      state.fails = false
      expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual(['a 2', 'a 2', 'b 3'])
      await pass(1e9)
      expect(await ask('a')).toBe('a 2')
      clear()
      expect(await ask('a')).toBe('a 4')
    }
  })
})

describe('async-cache-dedupe', () => {
  it('is named as it is tried', () => {
    expect(rowOf('async-cache-dedupe')).toContain('`createCache({ ttl, stale })`, `define`')
    expect(rowOf('async-cache-dedupe')).toContain('`new Stampede({ ttl, staleWhileRevalidate })`')
    expect(rowOf('async-cache-dedupe')).toContain('`references`: `tags`')
  })

  it('is fresh, stale and gone at the same seconds, and drops by references, as ours by tags', async () => {
    const theirs = work()
    const store = { type: 'memory', options: { invalidation: true } } as const
    const dedupe = createCache({ ttl: 5, stale: 10, storage: store })
    const defined = dedupe.define('load', { references: () => ['t'] }, (id: string) => theirs.run(id))
    const ours = work()
    const cache = new Stampede<string>({ clock, ttl: 5_000, staleWhileRevalidate: 10_000 })
    const wrapped = cache.wrap((id: string) => ours.run(id), { tags: ['t'] })
    const sides = [
      { ...theirs, ask: (id: string) => defined.load(id), drop: () => dedupe.invalidateAll(['t']) },
      { ...ours, ask: wrapped, drop: () => cache.invalidateTags('t') },
    ]
    for (const { ask, drop } of sides) {
      const answers: string[] = await Promise.all([ask('a'), ask('a')])
      for (const ms of [4_000, 3_000, 1_000, 16_000]) {
        await pass(ms)
        answers.push(await ask('a'))
      }
      expect(answers).toEqual(['a 1', 'a 1', 'a 1', 'a 1', 'a 2', 'a 3'])
      await drop()
      expect(await ask('a')).toBe('a 4')
    }
  })
})

describe('lru-cache fetch()', () => {
  it('is named as it is tried', () => {
    expect(rowOf('lru-cache')).toContain('`fetch(key, { signal })`, `fetchMethod`')
    expect(rowOf('lru-cache')).toContain('`get(key, fetch, { signal })`')
    expect(rowOf('lru-cache')).toContain('`max`: `maxEntries`')
    expect(rowOf('lru-cache')).toContain('`allowStaleOnFetchRejection`: `staleIfError`')
  })

  it('shares, bounds, expires, and falls back, as ours', async () => {
    const theirs = work()
    const lru = new LRUCache<string, string>({
      max: 2,
      ttl: 5_000,
      ttlResolution: 0,
      perf: clock,
      allowStaleOnFetchRejection: true,
      fetchMethod: theirs.run,
    })
    const ours = work()
    const cache = new Stampede<string>({ clock, maxEntries: 2, ttl: 5_000, staleIfError: Number.POSITIVE_INFINITY })
    const sides = [
      {
        ...theirs,
        ask: (key: string) => lru.fetch(key),
        size: () => lru.size,
      },
      {
        ...ours,
        ask: (key: string) => cache.get(key, () => ours.run(key)),
        size: () => cache.stats().entries,
      },
    ]
    for (const { state, ask, size } of sides) {
      expect(await Promise.all([ask('a'), ask('a')])).toEqual(['a 1', 'a 1'])
      await pass(6_000)
      state.fails = true
      expect(await ask('a')).toBe('a 1')
      state.fails = false
      // Theirs tries again at every call, ours backs off for a second.
      await pass(1_000)
      expect([state.runs, await ask('a')]).toEqual([2, 'a 3'])
      // One after the other: theirs would drop one of three concurrent ones.
      for (const [place, key] of ['b', 'c', 'd'].entries()) expect(await ask(key)).toBe(`${key} ${place + 4}`)
      expect(size()).toBe(2)
    }
  })

  it('ends the fetch of all by the signal of its first caller; ours lets each caller leave by its own', async () => {
    const theirs: string[] = []
    const ended = ({ signal }: { readonly signal: AbortSignal }, told: string[]): Promise<string> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          told.push('aborted')
          reject(signal.reason)
        })
      })
    const lru = new LRUCache<string, string>({ max: 2, fetchMethod: (_key, _stale, about) => ended(about, theirs) })
    const controller = new AbortController()
    const { signal } = controller
    const both = [lru.fetch('a', { signal }), lru.fetch('a')]
    const cache = new Stampede<string>({ clock })
    const ours: string[] = []
    const leaver = cache.get('a', context => ended(context, ours), { signal })
    void cache.get('a', context => ended(context, ours))
    controller.abort(new Error('bye'))
    await expect(leaver).rejects.toThrow('bye')
    expect(await Promise.allSettled(both)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
    expect({ theirs, ours }).toEqual({ theirs: ['aborted'], ours: [] })
  })
})
