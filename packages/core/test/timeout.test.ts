import { Gate } from '../../conformance/src/gate.ts'
import { describe, expect, it } from 'vitest'
import { type Fetch, TimeoutError } from '../src/index.ts'
import { setUp, TTL } from './set-up.ts'

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
