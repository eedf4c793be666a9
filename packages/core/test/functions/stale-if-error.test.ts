import { describe, expect, it } from 'vitest'
import { type Fetch, TimeoutError } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

const options = { ttl: TTL, staleIfError: TTL }

describe('staleIfError', () => {
  it('gives the stale value to every get whose fetch fails, within its window', async () => {
    const { cache, clock } = setUp(options)
    await cache.set('k', 'old')
    clock.advance(TTL)
    expect(await Promise.all([cache.get('k', fails('down')), cache.get('k', fails('unused'))])).toEqual(['old', 'old'])
    expect(cache.stats()).toMatchObject({ misses: 1, collapsed: 1, staleHits: 0, fallbacks: 2, fetches: 1, errors: 1 })
    clock.advance(TTL)
    await expect(cache.get('k', fails('gone'))).rejects.toBe('gone')
  })

  it('backs off instead of running at every call', async () => {
    const { cache, clock, fetch, gate } = setUp(options)
    gate.open()
    await cache.set('k', 'old')
    clock.advance(TTL)
    for (let call = 0; call < 20; call += 1) expect(await cache.get('k', fails('down'))).toBe('old')
    expect(cache.stats().fetches).toBe(1)
    clock.advance(999)
    expect(await cache.get('k', fails('down'))).toBe('old')
    expect(cache.stats().fetches).toBe(1)
    clock.advance(1)
    expect(await cache.get('k', fetch)).toBe('run 1')
  })

  it('counts from the end of the ttl, beside staleWhileRevalidate, and the longer one ends the entry', async () => {
    const { cache, clock, gate, fetch } = setUp({ ttl: TTL, staleWhileRevalidate: 1_000, staleIfError: 3_000 })
    await cache.set('k', 'old')
    clock.advance(TTL + 999)
    expect(cache.peek('k')).toMatchObject({ state: 'stale', ttl: -999 })
    clock.advance(1)
    const waiting = cache.get('k', fetch)
    gate.open()
    expect(await waiting).toBe('run 1')
    await cache.set('k', 'old')
    clock.advance(TTL + 3_000)
    expect(cache.peek('k')).toBeUndefined()
  })

  it('helps where the fetch takes longer than its timeout', async () => {
    const { cache, clock, fetch } = setUp({ ...options, timeout: 100 })
    await cache.set('k', 'old')
    clock.advance(TTL)
    const waiting = cache.get('k', fetch)
    const strict = cache.getFresh('k', fetch)
    strict.catch(() => {})
    clock.advance(100)
    expect(await waiting).toBe('old')
    await expect(strict).rejects.toBeInstanceOf(TimeoutError)
  })

  it('gives nothing that was deleted while the fetch ran', async () => {
    const { cache, clock, gate } = setUp(options)
    const late: Fetch<string> = async () => {
      await gate.passed()
      throw new Error('down')
    }
    await cache.set('k', 'old')
    clock.advance(TTL)
    const waiting = cache.get('k', late)
    await cache.delete('k')
    gate.open()
    await expect(waiting).rejects.toThrow('down')
  })
})

describe('softTimeout', () => {
  it('returns the stale value after that time; the fetch continues and is stored', async () => {
    const { cache, clock, gate, fetch } = setUp({ ...options, softTimeout: 50 })
    await cache.set('k', 'old')
    clock.advance(TTL)
    const waiting = cache.get('k', fetch)
    clock.advance(49)
    const late = cache.get('k', fetch)
    clock.advance(1)
    expect(await waiting).toBe('old')
    gate.open()
    expect(await late).toBe('run 1')
    expect(await cache.get('k', fetch)).toBe('run 1')
    expect(cache.stats().fetches).toBe(1)
  })

  it('has no effect without a stale value, or for a call that accepts none', async () => {
    const { cache, clock, gate, fetch } = setUp({ ...options, softTimeout: 50 })
    await cache.set('stale', 'old')
    clock.advance(TTL)
    const waiting = [cache.get('cold', fetch), cache.getFresh('stale', fetch)]
    clock.advance(50)
    gate.open()
    expect(await Promise.all(waiting)).toEqual(['run 1', 'run 2'])
  })
})

describe('errorTtl', () => {
  it('returns a cached error for that long, and then runs again', async () => {
    const { cache, clock, gate, fetch } = setUp({ ttl: TTL, errorTtl: 1_000 })
    gate.open()
    const reason = new Error('down')
    await expect(cache.get('k', fails(reason))).rejects.toBe(reason)
    clock.advance(999)
    await expect(cache.get('k', fetch)).rejects.toBe(reason)
    await expect(cache.getFresh('k', fetch)).rejects.toBe(reason)
    expect(cache.peek('k')).toBeUndefined()
    clock.advance(1)
    expect(await cache.get('k', fetch)).toBe('run 1')
  })

  it('does not hold for refresh, whose value takes the failure’s place', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL, errorTtl: 1_000 })
    gate.open()
    await expect(cache.get('k', fails('down'))).rejects.toBe('down')
    expect(await cache.refresh('k', fetch)).toBe('run 1')
    expect(await cache.get('k', fails('unused'))).toBe('run 1')
  })

  it('comes after a usable stale value', async () => {
    const { cache, clock } = setUp({ ...options, errorTtl: 10 * TTL })
    await cache.set('k', 'old')
    clock.advance(TTL)
    expect(await cache.get('k', fails('down'))).toBe('old')
    expect(cache.peek('k')).toMatchObject({ value: 'old' })
  })

  it('keeps a timeout as well, and an undefined reason', async () => {
    const { cache, clock, fetch } = setUp({ ttl: TTL, errorTtl: 1_000, timeout: 10 })
    const waiting = cache.get('slow', fetch)
    waiting.catch(() => {})
    clock.advance(10)
    await expect(waiting).rejects.toBeInstanceOf(TimeoutError)
    await expect(cache.get('slow', fetch)).rejects.toBeInstanceOf(TimeoutError)
    await expect(cache.get('k', fails(undefined))).rejects.toBeUndefined()
    await expect(cache.get('k', fetch)).rejects.toBeUndefined()
    expect(cache.stats().fetches).toBe(2)
  })
})
