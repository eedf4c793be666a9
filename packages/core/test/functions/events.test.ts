import { expect, it } from 'vitest'
import type { StampedeEvent } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

/** A cache whose events are kept, and taken by what happened since the last look. */
function watched(options: object = {}): ReturnType<typeof setUp> & { readonly taken: () => readonly StampedeEvent[] } {
  const events: StampedeEvent[] = []
  const parts = setUp({ ttl: TTL, onEvent: event => events.push(event), ...options })
  return { ...parts, taken: () => events.splice(0) }
}

it('a call reports whether it hit, missed or joined, and the stored value', async () => {
  const { cache, gate, fetch, taken } = watched()
  const calls = [cache.get('k', fetch), cache.get('k', fetch)]
  gate.open()
  await Promise.all(calls)
  await cache.get('k', fetch)
  expect(taken()).toEqual([
    { type: 'miss', key: 'k' },
    { type: 'collapse', key: 'k' },
    { type: 'store', key: 'k', ttl: TTL },
    { type: 'hit', key: 'k', stale: false },
  ])
})

it('a stale value reports its refresh, a failure reports itself, a fallback its reason', async () => {
  const { cache, clock, taken } = watched({ staleWhileRevalidate: 1_000, staleIfError: TTL })
  await cache.set('k', 'old')
  clock.advance(TTL)
  await cache.get('k', fails('down'))
  await Promise.resolve()
  clock.advance(1_000)
  await cache.get('k', fails('down'))
  expect(taken()).toEqual([
    { type: 'change', call: 'set', key: 'k' },
    { type: 'store', key: 'k', ttl: TTL },
    { type: 'hit', key: 'k', stale: true },
    { type: 'refresh', key: 'k', reason: 'stale' },
    { type: 'fail', key: 'k', error: 'down' },
    { type: 'miss', key: 'k' },
    { type: 'fail', key: 'k', error: 'down' },
    { type: 'fallback', key: 'k', reason: 'error' },
  ])
})

it('a time-out reports itself, and a late result', async () => {
  const { cache, clock, gate, fetch, taken } = watched({ timeout: 100 })
  const waiting = cache.get('k', fetch)
  waiting.catch(() => {})
  clock.advance(100)
  await expect(waiting).rejects.toThrow('timeout')
  gate.open()
  await gate.passed()
  await Promise.resolve()
  expect(taken().map(({ type }) => type)).toEqual(['miss', 'timeout', 'late'])
})

it('changes report themselves, and what they fence', async () => {
  const { cache, gate, fetch, taken } = watched()
  const waiting = cache.get('k', fetch)
  await cache.delete('k')
  gate.open()
  await waiting
  await cache.invalidateTags('a', 'b')
  await cache.clear()
  expect(taken()).toEqual([
    { type: 'miss', key: 'k' },
    { type: 'change', call: 'delete', key: 'k' },
    { type: 'fence', key: 'k' },
    { type: 'change', call: 'invalidateTags', tags: ['a', 'b'] },
    { type: 'change', call: 'clear' },
  ])
})

it('an eviction is reported', async () => {
  const { cache, taken } = watched({ maxEntries: 1 })
  await cache.set('a', 1)
  await cache.set('b', 1)
  expect(taken()).toContainEqual({ type: 'evict', key: 'a' })
})

it.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('listener')
    },
  ],
  ['rejects with', () => Promise.reject(new Error('listener'))],
])('what a listener %s is contained', async (_name, listener) => {
  const { cache } = setUp({ ttl: TTL, onEvent: () => listener() })
  expect([await cache.get('k', () => 1), await cache.get('k', fails('unused'))]).toEqual([1, 1])
})
