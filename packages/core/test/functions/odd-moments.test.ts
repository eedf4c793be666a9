import { describe, expect, it } from 'vitest'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { Stampede, type StampedeEvent, TimeoutError } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

const hangs = (): Promise<never> => new Promise(() => {})

describe('what sizeOf changes', () => {
  it.each([
    ['set', (cache: Stampede) => cache.set('k', 'newer')],
    ['delete', (cache: Stampede) => cache.delete('k')],
    ['clear', (cache: Stampede) => cache.clear()],
    ['invalidateTags', (cache: Stampede) => cache.invalidateTags('t')],
  ])('by %s fences the flight whose value it measures', async (name, change) => {
    const events: string[] = []
    const sizeOf = (value: unknown): number => {
      if (value === 'old') void change(cache)
      return 1
    }
    const cache: Stampede = new Stampede({ ttl: TTL, sizeOf, onEvent: ({ type }) => events.push(type) })
    expect(await cache.get('k', () => 'old', { tags: ['t'] })).toBe('old')
    expect(cache.peek('k')?.value).toBe(name === 'set' ? 'newer' : undefined)
    expect([events.at(-1), cache.stats().flights]).toEqual(['fence', 0])
  })

  it('is known when a value from outside is stored: what it began is older', async () => {
    const sizeOf = (value: unknown): number => {
      if (value === 'set') void cache.get('k', () => 'older')
      return 1
    }
    const cache: Stampede = new Stampede({ ttl: TTL, sizeOf })
    await cache.set('k', 'set')
    await Promise.resolve()
    expect(cache.peek('k')?.value).toBe('set')
  })
})

describe('a listener', () => {
  it('that asks for a key while it is set stores nothing over it', async () => {
    let asked: Promise<unknown> | undefined
    const onEvent = ({ type }: StampedeEvent): void => {
      if (type === 'change') asked = cache.get('k', () => 'older')
    }
    const cache: Stampede = new Stampede({ ttl: TTL, onEvent })
    await cache.set('k', 'set')
    expect([await asked, cache.peek('k')?.value]).toEqual(['older', 'set'])
  })

  it('that stores the very key for which another was evicted leaves the sums right', async () => {
    const onEvent = ({ type }: StampedeEvent): void => {
      if (type === 'evict' && cache.peek('c')?.value !== 'nested') void cache.set('c', 'nested')
    }
    const cache: Stampede = new Stampede({ ttl: TTL, maxEntries: 2, sizeOf: () => 100, onEvent })
    for (const key of ['a', 'b', 'c']) await cache.set(key, 'outer')
    expect(cache.peek('c')?.value).toBe('nested')
    expect(cache.stats()).toMatchObject({ entries: 2, bytes: 204, evictions: 1 })
  })

  it('that invalidates a tag when another key is evicted drops what has just been stored', async () => {
    const onEvent = ({ type }: StampedeEvent): void => {
      if (type === 'evict') void cache.invalidateTags('t')
    }
    const cache: Stampede = new Stampede({ ttl: TTL, maxEntries: 1, onEvent })
    await cache.set('a', 1)
    await cache.get('b', () => 1, { tags: ['t'] })
    expect(cache.stats()).toMatchObject({ entries: 0, evictions: 1 })
  })

  it('that aborts a caller while its time-out is cached does not cache the reason', async () => {
    const clock = new TestClock()
    const controller = new AbortController()
    const onEvent = ({ type }: StampedeEvent): void => {
      if (type === 'store') controller.abort('left')
    }
    const cache = new Stampede({ clock, timeout: 100, errorTtl: TTL, onEvent })
    const caller = cache.get('k', hangs, { signal: controller.signal })
    clock.advance(100)
    await expect(caller).rejects.toBe('left')
    await expect(cache.get('k', () => 'unused')).rejects.toBeInstanceOf(TimeoutError)
  })
})

describe('a clock that throws', () => {
  it('when a fetch times out takes no timeout from anybody', async () => {
    const clock = new TestClock()
    let isBroken = false
    const brokenIn = (type: string): void => {
      isBroken = type === 'timeout'
    }
    const now = (): number => {
      if (!isBroken) return clock.now()
      isBroken = false
      throw new Error('clock')
    }
    const { setTimeout, clearTimeout } = {
      setTimeout: (callback: () => void, ms: number) => clock.setTimeout(callback, ms),
      clearTimeout: (timer: unknown) => clock.clearTimeout(timer),
    }
    const onEvent = ({ type }: StampedeEvent): void => brokenIn(type)
    const cache = new Stampede({ clock: { now, setTimeout, clearTimeout }, timeout: 100, errorTtl: TTL, onEvent })
    const callers = Promise.allSettled([cache.get('a', hangs), cache.get('b', hangs)])
    clock.advance(100)
    const timedOut = { reason: expect.any(TimeoutError) as TimeoutError }
    expect(await callers).toMatchObject([timedOut, timedOut])
  })

  it('when timers fire breaks none of them: due items end', async () => {
    const timers = new TestClock()
    let isBroken = false
    const now = (): number => {
      if (isBroken) throw new Error('clock')
      return timers.now()
    }
    const clock = {
      now,
      setTimeout: (callback: () => void, ms: number) => timers.setTimeout(callback, ms),
      clearTimeout: (timer: unknown) => timers.clearTimeout(timer),
    }
    const cache = new Stampede({ clock, ttl: TTL, staleIfError: TTL, timeout: 100, softTimeout: 50 })
    await cache.set('k', 'value')
    await cache.set('gone', 'value', { staleIfError: 0 })
    timers.advance(TTL)
    const callers = Promise.allSettled([cache.get('k', hangs), cache.get('other', hangs)])
    isBroken = true
    timers.advance(10 * TTL)
    const timedOut = { reason: expect.any(TimeoutError) as TimeoutError }
    expect(await callers).toMatchObject([timedOut, timedOut])
    isBroken = false
    expect(cache.stats()).toMatchObject({ entries: 0, flights: 0 })
  })

  it('when its timer is set leaves no flight without a fetch', async () => {
    const clock = new TestClock()
    let isBroken = true
    const setTimeout = (callback: () => void, ms: number): unknown => {
      if (isBroken) throw new Error('clock')
      return clock.setTimeout(callback, ms)
    }
    const clearTimeout = (timer: unknown): void => clock.clearTimeout(timer)
    const cache = new Stampede({ clock: { now: () => clock.now(), setTimeout, clearTimeout } })
    await expect(cache.get('k', () => 1, {})).rejects.toThrow('clock')
    isBroken = false
    expect(await cache.get('k', () => 2)).toBe(2)
  })
})

describe('a clock that counts from a moment to come', () => {
  it('ends the time of a cached error', async () => {
    const clock = new TestClock()
    const cache = new Stampede({ clock: { now: () => clock.now() - 1e9 }, errorTtl: TTL })
    await expect(cache.get('k', fails('down'))).rejects.toBe('down')
    clock.advance(TTL)
    expect(await cache.get('k', () => 'up')).toBe('up')
  })

  it('lets a stale value be refreshed', async () => {
    const clock = new TestClock()
    const cache = new Stampede({ clock: { now: () => clock.now() - 1e9 }, ttl: TTL, staleWhileRevalidate: TTL })
    await cache.set('k', 'old')
    clock.advance(TTL)
    expect([await cache.get('k', () => 'new'), cache.stats().fetches]).toEqual(['old', 1])
  })
})

describe('a ttl', () => {
  it.each([Number.MAX_VALUE, Number.POSITIVE_INFINITY])('of %d leaves the age right', async ttl => {
    const { cache, clock } = setUp({ ttl })
    await cache.set('k', 'v')
    clock.advance(7)
    expect(cache.peek('k')).toMatchObject({ age: 7, state: 'fresh' })
  })
})

describe('a promise behind a proxy', () => {
  it('that cannot be awaited is a failure for all callers', async () => {
    const get = (): never => {
      throw new Error('closed')
    }
    const { cache } = setUp({ ttl: TTL })
    const callers = [cache.get('k', () => new Proxy(Promise.resolve(), { get })), cache.get('k', () => 'unused')]
    for (const outcome of await Promise.allSettled(callers))
      expect(outcome).toMatchObject({ reason: { message: 'closed' } })
    expect(cache.stats().flights).toBe(0)
  })
})
