import { describe, expect, it } from 'vitest'
import { fails, setUp, TTL } from '../support/set-up.ts'

describe('what may not be given instead of a failure', () => {
  const options = { ttl: TTL, staleIfError: TTL }

  it('is a stale value to refresh', async () => {
    const { cache, clock } = setUp(options)
    await cache.set('k', 'old')
    clock.advance(TTL)
    await expect(cache.refresh('k', fails('down'))).rejects.toBe('down')
    expect(cache.peek('k')).toMatchObject({ value: 'old', state: 'stale' })
  })

  it('is a stale value to getFresh, while the next refresh backs off either', async () => {
    const { cache, clock } = setUp(options)
    await cache.set('k', 'old')
    clock.advance(TTL)
    for (const reason of ['down', 'still down']) {
      await expect(cache.getFresh('k', fails(reason))).rejects.toBe(reason)
    }
    expect(await cache.getFresh('k', () => 'up')).toBe('up')
  })
})
