import { Gate } from '../../../conformance/src/gate.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { describe, expect, it } from 'vitest'
import { type Fetch, Stampede, TimeoutError } from '../../src/index.ts'
import { setUp, TTL } from '../support/set-up.ts'

describe('timeout', () => {
  it('gives all callers an error that names it, aborts the fetch, frees the key and discards what comes late', async () => {
    const { cache, clock, gate, fetch } = setUp({ ttl: TTL, timeout: 100 })
    let signal: AbortSignal | undefined
    const late: Fetch<string> = context => {
      signal = context.signal
      return fetch(context)
    }
    const callers = [cache.get('k', late), cache.get('k', late)]
    clock.advance(100)
    const outcomes = await Promise.allSettled(callers)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'TimeoutError', option: 'timeout', key: 'k' },
      })
    }
    expect(signal?.reason).toBeInstanceOf(TimeoutError)
    const next = cache.get('k', fetch)
    gate.open()
    expect(await next).toBe('run 2')
    expect(await cache.get('k', fetch)).toBe('run 2')
    await cache.close()
    expect(clock.pending).toBe(0)
  })

  it('frees the key also where the timer never comes, as for a request that is gone on Cloudflare Workers', async () => {
    const clock = new TestClock()
    const timerless = { now: () => clock.now(), setTimeout: () => 0, clearTimeout: () => {} }
    const cache = new Stampede({ clock: timerless, timeout: 100 })
    const hangs: Fetch<string> = () => new Promise(() => {})
    void cache.get('k', hangs)
    clock.advance(99)
    void cache.get('k', hangs)
    expect(cache.stats()).toMatchObject({ fetches: 1, collapsed: 1 })
    clock.advance(1)
    expect(await cache.get('k', () => 'next')).toBe('next')
    expect(cache.stats()).toMatchObject({ fetches: 2, flights: 0 })
  })

  it('does not accumulate flights whose timers died, even if their keys are never requested again', async () => {
    const clock = new TestClock()
    const timerless = { now: () => clock.now(), setTimeout: () => 0, clearTimeout: () => {} }
    const cache = new Stampede({ clock: timerless, timeout: 100 })
    for (let key = 0; key < 100; key += 1) {
      void cache.get(`dead ${key}`, () => new Promise(() => {}))
      clock.advance(50)
    }
    expect(cache.stats().flights).toBeLessThanOrEqual(3)
  })

  it('comes in its time though a listener asks again at the time-out of another', async () => {
    const clock = new TestClock()
    const hangs: Fetch<string> = () => new Promise(() => {})
    const cache: Stampede = new Stampede({
      clock,
      timeout: 100,
      onEvent: event => {
        if (event.type === 'timeout' && event.key === 'first') cache.get('again', hangs).catch(() => {})
      },
    })
    const first = cache.get('first', hangs)
    clock.advance(50)
    const second = cache.get('second', hangs)
    clock.advance(50)
    await expect(first).rejects.toBeInstanceOf(TimeoutError)
    expect(cache.stats().flights).toBe(2)
    clock.advance(50)
    expect(cache.stats().flights).toBe(1)
    await expect(second).rejects.toBeInstanceOf(TimeoutError)
    await cache.close()
    clock.advance(50)
    expect(clock.pending).toBe(0)
  })

  it('takes one timer for all fetches that may take as long', async () => {
    const { cache, clock, gate, fetch } = setUp({ timeout: 100 })
    const calls = ['a', 'b', 'c'].map(key => cache.get(key, fetch))
    expect(clock.pending).toBe(1)
    gate.open()
    await Promise.all(calls)
    await cache.close()
    expect(clock.pending).toBe(0)
  })

  it('shows in a signal that is first read after it', async () => {
    const { cache, clock, gate } = setUp({ timeout: 100 })
    const seen = new Gate()
    let late: AbortSignal | undefined
    const caller = cache.get('k', async context => {
      await gate.passed()
      late = context.signal
      seen.open()
    })
    clock.advance(100)
    await expect(caller).rejects.toBeInstanceOf(TimeoutError)
    gate.open()
    await seen.passed()
    expect(late?.reason).toBeInstanceOf(TimeoutError)
  })

  it('ends a fetch that waits for its own key', async () => {
    const { cache, clock } = setUp({ timeout: 100 })
    const own: Fetch<string> = () => cache.get('k', own)
    const caller = cache.get('k', own)
    clock.advance(100)
    await expect(caller).rejects.toThrow('does not wait for its own key')
  })
})
