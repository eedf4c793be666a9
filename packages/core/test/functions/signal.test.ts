import { describe, expect, it } from 'vitest'
import type { Fetch } from '../../src/index.ts'
import { setUp, TTL } from '../support/set-up.ts'

describe('a signal', () => {
  it('lets one caller leave with its reason; the flight goes on for the others', async () => {
    const { cache, gate, fetch, runs } = setUp({ ttl: TTL })
    const controller = new AbortController()
    const leaver = cache.get('k', fetch, { signal: controller.signal })
    const stayer = cache.get('k', fetch, { signal: new AbortController().signal })
    controller.abort('bye')
    await expect(leaver).rejects.toBe('bye')
    gate.open()
    expect(await stayer).toBe('run 1')
    expect(runs()).toBe(1)
  })

  it('that was aborted before rejects even a hit, and starts nothing', async () => {
    const { cache, fetch, runs } = setUp({ ttl: TTL })
    await cache.set('k', 'hit')
    await expect(cache.get('k', fetch, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    await expect(cache.get('cold', fetch, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    expect([runs(), cache.stats().hits]).toEqual([0, 0])
  })

  it('of the last caller aborts the fetch and frees the key', async () => {
    const { cache } = setUp({ ttl: TTL })
    const controllers = [new AbortController(), new AbortController()]
    let seen: AbortSignal | undefined
    const fetch: Fetch<string> = ({ signal }) => {
      seen = signal
      return new Promise<string>(() => {})
    }
    const callers = controllers.map(({ signal }) => cache.get('k', fetch, { signal }))
    controllers[0]?.abort('one')
    expect(seen?.aborted).toBe(false)
    controllers[1]?.abort('two')
    expect(seen?.aborted).toBe(true)
    expect((await Promise.allSettled(callers)).map(caller => caller.status)).toEqual(['rejected', 'rejected'])
    expect(cache.stats().flights).toBe(0)
    expect(await cache.get('k', () => 'next')).toBe('next')
  })

  it('does not end a flight that a caller without one, or the cache itself, holds', async () => {
    const { cache, clock, gate, fetch } = setUp({ ttl: TTL, staleWhileRevalidate: TTL })
    const held = cache.get('k', fetch)
    const controller = new AbortController()
    const leaver = cache.get('k', fetch, { signal: controller.signal })
    controller.abort('bye')
    await expect(leaver).rejects.toBe('bye')
    gate.open()
    expect(await held).toBe('run 1')
    clock.advance(TTL)
    await cache.get('k', fetch)
    const late = new AbortController()
    const joined = cache.getFresh('k', fetch, { signal: late.signal })
    late.abort('bye')
    await expect(joined).rejects.toBe('bye')
    expect(await cache.getFresh('k', fetch)).toBe('run 2')
  })
})
