import { expect, it } from 'vitest'
import { lifetimeFrom } from '../src/freshness.ts'

it.each([
  [5, 3, 105, 108],
  [0, 0, 100, 100],
  [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
])('what is stored at 100 for %d and %d more is fresh until %d and gone at %d', (ttl, staleFor, freshUntil, goneAt) => {
  expect(lifetimeFrom(100, ttl, staleFor)).toEqual({ storedAt: 100, freshUntil, goneAt })
})
