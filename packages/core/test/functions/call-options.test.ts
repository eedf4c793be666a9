import { describe, expect, it } from 'vitest'
import { type CallOptions, type Fetch, Stampede } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

describe('an option of one call', () => {
  it('ttl holds for its result alone', async () => {
    const { cache } = setUp({ ttl: TTL })
    await cache.get('own', () => 'v', { ttl: 10 })
    await cache.getMany(['many'], () => new Map([['many', 'v']]), { ttl: 20 })
    await cache.get('other', () => 'v')
    expect(['own', 'many', 'other'].map(key => cache.peek(key)?.ttl)).toEqual([10, 20, TTL])
  })

  it('staleWhileRevalidate holds for its result', async () => {
    const { cache, clock } = setUp({ ttl: TTL })
    await cache.get('k', () => 'old', { staleWhileRevalidate: 10 })
    clock.advance(TTL + 9)
    expect(await cache.get('k', () => 'new')).toBe('old')
    await cache.set('set', 'old', { staleWhileRevalidate: 10 })
    clock.advance(TTL + 9)
    expect(await cache.get('set', () => 'new')).toBe('old')
  })

  it('staleIfError holds for its result', async () => {
    const { cache, clock } = setUp({ ttl: TTL })
    await cache.get('k', () => 'old', { staleIfError: 10 })
    await cache.set('set', 'old', { staleIfError: 10 })
    clock.advance(TTL + 9)
    expect([await cache.get('k', fails('down')), await cache.get('set', fails('down'))]).toEqual(['old', 'old'])
  })

  it('errorTtl holds for its failure', async () => {
    const { cache, clock } = setUp({ ttl: TTL })
    await expect(cache.get('k', fails('down'), { errorTtl: 10 })).rejects.toBe('down')
    clock.advance(9)
    await expect(cache.get('k', () => 'up')).rejects.toBe('down')
    clock.advance(1)
    expect(await cache.get('k', () => 'up')).toBe('up')
  })

  it('timeout holds for its fetch', async () => {
    const { cache, clock, fetch } = setUp({ timeout: 1_000 })
    const waiting = cache.get('k', fetch, { timeout: 10 })
    const settled = Promise.allSettled([waiting])
    clock.advance(10)
    expect(await settled).toMatchObject([{ reason: { name: 'TimeoutError' } }])
  })

  it('timeout may be Infinity: nothing ends the fetch', async () => {
    const { cache, clock, gate, fetch } = setUp({ timeout: 1_000 })
    const waiting = cache.get('k', fetch, { timeout: Number.POSITIVE_INFINITY })
    clock.advance(2 ** 40)
    expect(cache.stats()).toMatchObject({ flights: 1, errors: 0 })
    gate.open()
    expect(await waiting).toBe('run 1')
  })

  it.each<keyof CallOptions>(['ttl', 'staleWhileRevalidate', 'staleIfError', 'errorTtl', 'timeout', 'tags', 'signal'])(
    '%s of undefined is unset',
    async name => {
      const { cache, clock } = setUp({
        ttl: TTL,
        staleWhileRevalidate: 10,
        staleIfError: 10,
        errorTtl: 10,
        timeout: 20,
      })
      await cache.get('k', () => 'old', { [name]: undefined })
      await expect(cache.get('bad', fails('down'), { [name]: undefined })).rejects.toBe('down')
      await expect(cache.get('bad', () => 'up')).rejects.toBe('down')
      const hangs = cache.get('slow', () => new Promise<never>(() => {}), { [name]: undefined })
      const settled = Promise.allSettled([hangs])
      clock.advance(20)
      expect(await settled).toMatchObject([{ status: 'rejected' }])
      clock.advance(TTL - 20 + 9)
      expect(await cache.get('k', fails('down'))).toBe('old')
    },
  )
})

describe('the options of a call that starts nothing', () => {
  it('change nothing for a hit', async () => {
    const { cache, clock } = setUp({ ttl: TTL })
    await cache.get('k', () => 'v')
    clock.advance(TTL - 1)
    const others = { ttl: 1, staleWhileRevalidate: TTL, staleIfError: TTL, tags: ['t'] }
    expect(await cache.get('k', fails('ran again'), others)).toBe('v')
    await cache.invalidateTags('t')
    expect(cache.peek('k')).toMatchObject({ value: 'v', ttl: 1 })
    clock.advance(1)
    expect(cache.peek('k')).toBeUndefined()
  })

  it('change nothing for a follower and what it follows', async () => {
    const { cache, clock, gate, fetch } = setUp({ ttl: TTL, timeout: 1_000 })
    const others = { ttl: 1, staleWhileRevalidate: TTL, staleIfError: TTL, timeout: 10, tags: ['t'] }
    const calls = [cache.get('k', fetch), cache.get('k', fetch, others)]
    clock.advance(10)
    await cache.invalidateTags('t')
    gate.open()
    expect(await Promise.all(calls)).toEqual(['run 1', 'run 1'])
    expect(cache.peek('k')).toMatchObject({ value: 'run 1', ttl: TTL })
    clock.advance(TTL)
    expect(cache.peek('k')).toBeUndefined()
  })
})

describe('the context of a fetch', () => {
  it('has the key and the replaced value, which is undefined at first', async () => {
    const { cache } = setUp({ ttl: TTL })
    const told: unknown[] = []
    const fetch: Fetch<string> = ({ key, stale }) => {
      told.push(key, stale)
      return 'v'
    }
    await cache.get('k', fetch)
    await cache.refresh('k', fetch)
    expect(told).toEqual(['k', undefined, 'k', 'v'])
  })

  it('makes a signal only when it is read, and the same each time', async () => {
    const { AbortController: Original } = globalThis
    let made = 0
    globalThis.AbortController = class extends Original {
      constructor() {
        super()
        made += 1
      }
    }
    try {
      const cache = new Stampede()
      await cache.get('k', ({ key }) => key)
      await cache.getMany(['a', 'b'], keys => new Map(keys.map(key => [key, key])))
      expect(made).toBe(0)
      expect(await cache.get('k', context => context.signal === context.signal)).toBe(true)
      expect(made).toBe(1)
    } finally {
      globalThis.AbortController = Original
    }
  })
})
