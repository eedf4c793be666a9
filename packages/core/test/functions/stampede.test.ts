import { describe, expect, it } from 'vitest'
import { type Fetch, Stampede, type StampedeOptions } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

describe('get', () => {
  it('runs one fetch for all callers on a missing key, and again once it has expired', async () => {
    const { cache, clock, gate, fetch, runs } = setUp({ ttl: TTL })
    gate.open()
    const round = (): Promise<string[]> => Promise.all(Array.from({ length: 1000 }, () => cache.get('k', fetch)))
    expect(new Set(await round())).toEqual(new Set(['run 1']))
    clock.advance(TTL - 1)
    expect(new Set(await round())).toEqual(new Set(['run 1']))
    clock.advance(1)
    expect(new Set(await round())).toEqual(new Set(['run 2']))
    expect(runs()).toBe(2)
  })

  it('only coalesces with a ttl of 0', async () => {
    const { cache, gate, fetch } = setUp()
    gate.open()
    expect(await Promise.all([cache.get('k', fetch), cache.get('k', fetch)])).toEqual(['run 1', 'run 1'])
    expect(await cache.get('k', fetch)).toBe('run 2')
    expect(cache.stats()).toMatchObject({ entries: 0, misses: 2, collapsed: 1, fetches: 2 })
  })

  it('keeps keys apart, whatever strings they are', async () => {
    const { cache } = setUp({ ttl: TTL })
    const keys = ['', '__proto__', 'constructor', 'toString', 'a', 'A', 'x'.repeat(2 ** 20)]
    for (const key of keys) await cache.get(key, () => key)
    for (const key of keys) expect(await cache.get(key, fails('ran again'))).toBe(key)
  })

  it('stores undefined and null as values', async () => {
    const { cache } = setUp({ ttl: TTL })
    for (const value of [undefined, null]) {
      expect(await cache.get(String(value), () => value)).toBe(value)
      expect(await cache.get(String(value), fails('ran again'))).toBe(value)
    }
  })

  it.each([[new Error('x')], [undefined], ['a string'], [0]])(
    'gives every caller the very reason: %s',
    async reason => {
      const { cache } = setUp({ ttl: TTL })
      const fetches: Fetch<never>[] = [fails(reason), () => Promise.reject(reason)]
      for (const fetch of fetches) {
        const outcomes = await Promise.allSettled([cache.get('k', fetch), cache.get('k', fetch)])
        expect(outcomes).toEqual(outcomes.map(() => ({ status: 'rejected', reason })))
      }
      expect(cache.stats()).toMatchObject({ entries: 0, flights: 0, errors: 2 })
      expect(await cache.get('k', () => 'after')).toBe('after')
    },
  )

  it('rejects bad input by name', async () => {
    const { cache, fetch } = setUp()
    await expect(cache.get(1 as unknown as string, fetch)).rejects.toThrow('"key" got 1; it takes a string')
    await expect(cache.get('k', 'x' as unknown as Fetch<string>)).rejects.toThrow(
      '"fetch" got "x"; it takes a function',
    )
    await expect(cache.get('k', fetch, { ttl: -1 })).rejects.toThrow('"ttl" got -1')
    await expect(cache.get('k', fetch, { tll: 1 } as object)).rejects.toThrow('"tll"')
    await expect(cache.get('k', fetch, { signal: {} as AbortSignal })).rejects.toThrow('"signal"')
  })

  it('serves more cold keys at once than maxEntries, and keeps no more than that', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL, maxEntries: 10 })
    const all = Array.from({ length: 100 }, (_, index) => cache.get(`k${index}`, fetch))
    gate.open()
    expect(new Set(await Promise.all(all)).size).toBe(100)
    expect(cache.stats()).toMatchObject({ entries: 10, evictions: 90, flights: 0 })
  })

  it.each([1, 2, 10])(
    'keeps a key that is used over those that are not, at maxEntries %i and above',
    async maxEntries => {
      const { cache } = setUp({ ttl: TTL, maxEntries: maxEntries + 1 })
      await cache.get('hot', () => 'hot')
      for (let index = 0; index < 50; index += 1) {
        await cache.get(`cold ${index}`, () => index)
        expect(await cache.get('hot', fails('evicted'))).toBe('hot')
      }
      expect(cache.stats().entries).toBe(maxEntries + 1)
    },
  )
})

describe('options', () => {
  it.each([
    [{ ttl: -1 }, '"ttl" got -1; it takes a duration in milliseconds'],
    [{ ttl: Number.NaN }, '"ttl" got NaN'],
    [{ ttl: '5000' }, '"ttl" got "5000"'],
    [{ maxEntries: 0 }, '"maxEntries" got 0; it takes a whole number, 1 or more'],
    [{ maxEntries: 1.5 }, '"maxEntries" got 1.5'],
    [{ timeout: 0 }, '"timeout" got 0'],
    [{ staleWhileRevalidate: null }, '"staleWhileRevalidate" got null'],
    [{ clock: {} }, '"clock" got an object; it takes a clock'],
    [{ tll: 5 }, '"tll" got 5; it takes nothing: there is no such option. Known ones: ttl, staleWhileRevalidate'],
    [5, '"options" got 5; it takes an object'],
  ])('%j throws and says why', (options, message) => {
    expect(() => new Stampede(options as StampedeOptions)).toThrow(message)
  })

  it('undefined means unset', () => {
    expect(new Stampede({ ttl: undefined, maxEntries: undefined }).stats().entries).toBe(0)
  })

  it('works on the runtime’s own clock', async () => {
    const cache = new Stampede({ ttl: 60_000 })
    expect(await cache.get('k', () => 'v')).toBe('v')
    expect(await cache.get('k', fails('ran again'))).toBe('v')
    expect(cache.peek('k')?.ttl).toBeGreaterThan(0)
  })
})
