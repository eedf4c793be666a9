import { describe, expect, it } from 'vitest'
import type { Fetch, StampedeOptions } from '../../../src/index.ts'
import { delivered, setUpFleet, TTL } from '../../support/fleets.ts'
import { plain, setUp } from '../../support/http-fleets.ts'
import { fails } from '../../support/set-up.ts'

const unkept: readonly (readonly [string, StampedeOptions, boolean])[] = [
  ['with a ttl of 0', { ttl: 0 }, false],
  ['whose fetch says noStore', {}, true],
  ['that cannot be measured', { sizeOf: () => Number.NaN }, false],
]

describe('a result whose commit is in progress', () => {
  it.each(['request', 'reply'] as const)('does for get and getFresh, not for a refresh: %s', async way => {
    const { fleet, gate, tally, fetch, join } = setUpFleet()
    const cache = join()
    gate.open()
    fleet.hold('commit', way)
    expect(await cache.get('k', fetch)).toBe('run 1')
    const refreshed = [cache.refresh('k', fetch), cache.refresh('k', fetch)]
    const unused = fails('unused')
    expect(await Promise.all([cache.get('k', unused), cache.getFresh('k', unused)])).toEqual(['run 1', 'run 1'])
    expect(fleet.sent.count('acquire')).toBe(1)
    fleet.release('commit', way)
    expect(await Promise.all(refreshed)).toEqual(['run 2', 'run 2'])
    expect(tally.count('runs')).toBe(2)
  })

  it('is returned from then on, and not the earlier value', async () => {
    const { fleet, gate, tally, fetch, join } = setUpFleet()
    const cache = join()
    gate.open()
    await cache.get('k', fetch)
    await tally.until('store', 1)
    fleet.hold('commit')
    expect(await cache.refresh('k', fetch)).toBe('run 2')
    expect(await cache.get('k', fails('unused'))).toBe('run 2')
    fleet.release('commit')
    await tally.until('store', 2)
    expect(cache.peek('k')).toMatchObject({ value: 'run 2' })
  })

  it.each(unkept)('does not answer later calls, %s', async (_what, options, noStore) => {
    const { fleet, gate, tally, fetch, join } = setUpFleet(options)
    const cache = join()
    const run: Fetch<string> = context => {
      context.noStore = noStore
      return fetch(context)
    }
    gate.open()
    fleet.hold('commit', 'request')
    expect(await cache.get('k', run)).toBe('run 1')
    const later = [cache.get('k', run), cache.get('k', run)]
    const many = cache.getMany(['k'], () => new Map())
    expect(fleet.sent.count('acquire')).toBe(1)
    fleet.release('commit', 'request')
    expect(await Promise.all(later)).toEqual(['run 2', 'run 2'])
    expect([...(await many).values()]).toEqual(['run 2'])
    expect(tally.count('runs')).toBe(2)
  })

  it('does no more once its ttl is over', async () => {
    const { clock, fleet, gate, fetch, join } = setUpFleet()
    const cache = join()
    gate.open()
    fleet.hold('commit')
    await cache.get('k', fetch)
    await delivered()
    clock.advance(TTL)
    const later = cache.get('k', fetch)
    fleet.release('commit')
    expect(await later).toBe('run 2')
  })

  it('does not answer a call after its tag was invalidated', async () => {
    const { fleet, gate, tally, fetch, join } = setUpFleet()
    const cache = join()
    const tagged: Fetch<string> = context => {
      context.tags = ['t']
      return fetch(context)
    }
    const before = cache.get('k', tagged)
    await tally.until('runs', 1)
    await cache.invalidateTags('t')
    const after = cache.get('k', tagged)
    fleet.hold('commit', 'request')
    gate.open()
    expect(await before).toBe('run 1')
    fleet.release('commit', 'request')
    expect(await after).toBe('run 2')
    expect(tally.count('collapse')).toBe(1)
  })

  it('lets a waiting caller abort, and starts no fetch for it', async () => {
    const { fleet, gate, tally, fetch, join } = setUpFleet({ ttl: 0 })
    const cache = join()
    gate.open()
    fleet.hold('commit')
    await cache.get('k', fetch)
    const leaver = new AbortController()
    const left = cache.get('k', fetch, { signal: leaver.signal }).catch((reason: unknown) => reason)
    const { signal } = new AbortController()
    const stayed = cache.get('l', fetch, { signal })
    leaver.abort('left')
    expect(await left).toBe('left')
    fleet.release('commit')
    expect(await stayed).toBe('run 2')
    expect(tally.count('runs')).toBe(2)
    expect(await cache.get('k', fetch, { signal })).toBe('run 3')
  })

  it('holds no caller for longer than its timeout if the store does not answer', async () => {
    const { clock, fleet, gate, tally, fetch, join } = setUpFleet({ timeout: 1_000, ttl: 60_000 })
    const cache = join()
    gate.open()
    fleet.hold('commit')
    await cache.get('k', fetch)
    const refreshed = cache.refresh('k', fetch)
    clock.advance(999)
    expect(await cache.get('k', fails('unused'))).toBe('run 1')
    clock.advance(1)
    expect(await refreshed).toBe('run 2')
    clock.advance(1_000)
    await tally.until('store', 2)
    expect(cache.peek('k')).toMatchObject({ value: 'run 2', age: 1_000, ttl: 4_000 })
  })

  it('ages while the store takes its time: no caller gets it after its ttl', async () => {
    const { clock, fleet, gate, fetch, join } = setUpFleet({ timeout: 5_000, ttl: 500 })
    const cache = join()
    gate.open()
    fleet.hold('commit')
    expect(await cache.get('k', fetch)).toBe('run 1')
    await delivered()
    clock.advance(600)
    const later = [cache.getFresh('k', fetch), cache.get('k', fetch)]
    clock.advance(4_400)
    expect(await Promise.all(later)).toEqual(['run 2', 'run 2'])
  })
})

it('a store that never says what became of a commit is given up after half a minute, also without a timeout', async () => {
  const { clock, fleet, gate, fetch, join } = setUpFleet({ timeout: Number.POSITIVE_INFINITY, ttl: 500 })
  const cache = join()
  gate.open()
  fleet.hold('commit')
  expect(await cache.get('k', fetch)).toBe('run 1')
  await delivered()
  clock.advance(600)
  const later = cache.get('k', fetch)
  clock.advance(29_400)
  expect(await later).toBe('run 2')
})

describe('a response whose commit is in progress', () => {
  it('answers requests that accept a stored response, and no others', async () => {
    const { fleet, gate, tally, join } = setUp(plain, { clientDirectives: 'honor' })
    const { ask } = join()
    gate.open()
    fleet.hold('commit')
    expect(await ask()).toBe('run 1 (miss)')
    const anew = ask({ headers: { 'cache-control': 'no-cache' } })
    expect(await ask()).toBe('run 1 (collapsed)')
    expect(fleet.sent.count('acquire')).toBe(1)
    fleet.release('commit')
    expect(await anew).toBe('run 2 (miss)')
    expect(await ask()).toBe('run 2 (collapsed)')
    await delivered()
    expect([await ask(), await join().ask()]).toEqual(['run 2 (hit)', 'run 2 (hit)'])
    expect(tally.count('runs')).toBe(2)
  })

  it('does not answer later requests with a ttl of 0', async () => {
    const { fleet, gate, tally, join } = setUp(plain, { ttl: 0 })
    const { ask } = join()
    gate.open()
    fleet.hold('commit', 'request')
    expect(await ask()).toBe('run 1 (miss)')
    const later = [ask(), ask()]
    fleet.release('commit', 'request')
    expect(await Promise.all(later)).toEqual(['run 2 (miss)', 'run 2 (collapsed)'])
    expect(tally.count('runs')).toBe(2)
  })

  it('holds no request for longer than waitTimeout if the store does not answer', async () => {
    const { clock, fleet, gate, join } = setUp(plain, { ttl: 0, waitTimeout: 1_000 })
    const { ask } = join()
    gate.open()
    fleet.hold('commit')
    await ask()
    const later = ask()
    clock.advance(1_000)
    expect(await later).toBe('run 2 (miss)')
  })
})
