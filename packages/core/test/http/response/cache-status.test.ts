import { describe, expect, it } from 'vitest'
import { outcomeOf } from '../../../src/http/response/cache-status.ts'
import type { Outcome, RouteOptions } from '../../../src/http/index.ts'
import { policy } from '../../support/views.ts'

type Bare = Omit<Outcome, 'headers'>

function fieldsOf(outcome: Bare, route: RouteOptions = {}, ttlMs?: number): Readonly<Record<string, unknown>> {
  const { headers } = outcomeOf(policy(route), outcome, ttlMs)
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]))
}

describe('Cache-Status (RFC 9211)', () => {
  it.each<[string, Bare, number | undefined]>([
    ['stampede; hit; ttl=5', { kind: 'hit' }, 5_999],
    ['stampede; hit; ttl=0', { kind: 'hit' }, 999],
    ['stampede; hit; ttl=-1', { kind: 'hit' }, -1],
    ['stampede; hit; ttl=-2', { kind: 'stale' }, -1_001],
    ['stampede; fwd=stale; fwd-status=304', { kind: 'miss', forward: 'stale', forwardStatus: 304 }, undefined],
    ['stampede; hit; ttl=999999999999999', { kind: 'hit' }, Number.POSITIVE_INFINITY],
    ['stampede; hit', { kind: 'hit' }, undefined],
    ['stampede; fwd=uri-miss; collapsed', { kind: 'collapsed', forward: 'uri-miss' }, undefined],
    ['stampede; fwd=stale', { kind: 'miss', forward: 'stale' }, undefined],
    ['stampede; fwd=bypass; detail="_auth"', { kind: 'bypass', forward: 'bypass', detail: '_auth' }, undefined],
    ['stampede; fwd=bypass; detail=range', { kind: 'bypass', forward: 'bypass', detail: 'range' }, undefined],
  ])('is %j', (expected, outcome, ttlMs) => {
    expect(fieldsOf(outcome, {}, ttlMs)).toEqual({ 'cache-status': expected })
  })

  it('is added to what other caches said, under the name that was chosen', () => {
    const { headers } = outcomeOf(policy({ cacheStatus: 'edge-1' }), { kind: 'hit' })
    expect(headers).toEqual([{ name: 'cache-status', value: 'edge-1; hit', append: true }])
  })

  it('is left out where it is not wanted', () => {
    expect(fieldsOf({ kind: 'hit' }, { cacheStatus: false })).toEqual({})
  })
})

describe('X-Cache', () => {
  it.each([
    ['hit', 'HIT'],
    ['stale', 'STALE'],
    ['collapsed', 'COLLAPSED'],
    ['miss', 'MISS'],
    ['bypass', 'BYPASS'],
  ] as const)('of a %s is %s, in place of any other', (kind, value) => {
    const { headers } = outcomeOf(policy({ cacheStatus: false, xCache: true }), { kind })
    expect(headers).toEqual([{ name: 'x-cache', value, append: false }])
  })

  it('stands beside Cache-Status, and the outcome is kept as it was', () => {
    const outcome = { kind: 'miss', forward: 'miss', detail: 'x' } as const
    expect(outcomeOf(policy({ xCache: true }), outcome)).toMatchObject(outcome)
    expect(Object.keys(fieldsOf(outcome, { xCache: true }))).toEqual(['cache-status', 'x-cache'])
  })
})
