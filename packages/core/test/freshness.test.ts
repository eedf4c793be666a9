import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshnessOf, lifetimeFrom } from '../src/freshness.ts'

describe('an entry', () => {
  it.each([
    [100, 'fresh'],
    [104, 'fresh'],
    [105, 'stale'],
    [107, 'stale'],
    [108, 'gone'],
    [Number.POSITIVE_INFINITY, 'gone'],
  ])('stored at 100 for 5 and 3 more is, at %d, %s (RFC 9111 s4.2)', (now, expected) => {
    expect(freshnessOf(lifetimeFrom(100, 5, 3), now)).toBe(expected)
  })

  it('keeps the moments that bound it', () => {
    expect(lifetimeFrom(100, 5, 3)).toEqual({ storedAt: 100, freshUntil: 105, goneAt: 108 })
  })

  it('without a lifetime is gone at once, and one without end never', () => {
    expect(freshnessOf(lifetimeFrom(100, 0, 0), 100)).toBe('gone')
    expect(freshnessOf(lifetimeFrom(100, Number.POSITIVE_INFINITY, 0), Number.MAX_VALUE)).toBe('fresh')
  })

  it('is fresh, then stale, then gone, and never the other way round', () => {
    const order = ['fresh', 'stale', 'gone']
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(), (ttl, staleFor, after, later) => {
        const lifetime = lifetimeFrom(0, ttl, staleFor)
        const [first, second] = [after, after + later].map(now => order.indexOf(freshnessOf(lifetime, now)))
        expect(second).toBeGreaterThanOrEqual(first ?? 0)
      }),
    )
  })
})
