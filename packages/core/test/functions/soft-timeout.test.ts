import { expect, it } from 'vitest'
import { Gate } from '../../../conformance/src/gate.ts'
import type { Fetch } from '../../src/index.ts'
import { setUp, TTL } from '../support/set-up.ts'

it('a caller that got the stale value after the soft timeout does not get it again when the fetch fails', async () => {
  const told: unknown[] = []
  const options = { ttl: TTL, staleIfError: TTL, softTimeout: 50 }
  const { cache, clock } = setUp({ ...options, onEvent: event => event.type === 'fallback' && told.push(event.reason) })
  const gate = new Gate()
  const failing: Fetch<string> = async () => {
    await gate.passed()
    throw new Error('down')
  }
  await cache.set('k', 'old')
  clock.advance(TTL)
  const soon = cache.get('k', failing)
  clock.advance(49)
  const late = cache.get('k', failing)
  clock.advance(1)
  expect(await soon).toBe('old')
  gate.open()
  expect(await late).toBe('old')
  expect(told).toEqual(['softTimeout', 'error'])
  expect(cache.stats()).toMatchObject({ misses: 1, collapsed: 1, fallbacks: 2, errors: 1 })
})

it('leaves no timer behind, whichever caller got which value', async () => {
  const { cache, clock, gate, fetch } = setUp({ ttl: TTL, staleIfError: TTL, softTimeout: 50 })
  await cache.set('k', 'old')
  clock.advance(TTL)
  const waiting = cache.get('k', fetch)
  gate.open()
  expect(await waiting).toBe('run 1')
  await cache.close()
  expect(clock.pending).toBe(0)
})
