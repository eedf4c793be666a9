import { describe, expect, it } from 'vitest'
import type { SharedStore } from '../../../src/index.ts'
import { setUpFleet, TTL } from '../../support/fleets.ts'
import { fails } from '../../support/set-up.ts'

describe('processes that share a store', () => {
  it('run one fetch for all callers of all of them', async () => {
    const { fleet, gate, tally, fetch, join } = setUpFleet()
    const caches = [join(), join(), join()]
    const calls = caches.flatMap(cache => [cache.get('k', fetch), cache.get('k', fetch)])
    await fleet.sent.until('waiting', 2)
    gate.open()
    expect(await Promise.all(calls)).toEqual(Array(6).fill('run 1'))
    expect(tally.count('runs')).toBe(1)
    expect(caches.map(cache => cache.stats().fetches)).toEqual([1, 0, 0])
    expect(caches.map(cache => cache.stats().sharedHits)).toEqual([0, 1, 1])
    expect(await Promise.all(caches.map(cache => cache.get('k', fails('unused'))))).toEqual(Array(3).fill('run 1'))
    expect(caches.map(cache => cache.stats().flights)).toEqual([0, 0, 0])
  })

  it('share a run with a ttl of 0, and store nothing', async () => {
    const { fleet, gate, tally, fetch, join } = setUpFleet({ ttl: 0 })
    const [a, b] = [join(), join()]
    const calls = [a.get('k', fetch), b.get('k', fetch)]
    await fleet.sent.until('waiting', 1)
    gate.open()
    expect(await Promise.all(calls)).toEqual(['run 1', 'run 1'])
    expect(await b.get('k', fetch)).toBe('run 2')
    expect(tally.count('runs')).toBe(2)
  })

  it('get what another one stored, for the rest of its ttl', async () => {
    const { clock, gate, tally, fetch, join } = setUpFleet()
    const [a, b] = [join(), join()]
    gate.open()
    await a.get('k', fetch, { tags: ['t'] })
    await tally.until('store', 1)
    clock.advance(2_000)
    expect(await b.get('k', fails('unused'))).toBe('run 1')
    expect(b.peek('k')).toEqual({ value: 'run 1', state: 'fresh', age: 2_000, ttl: TTL - 2_000 })
    clock.advance(TTL - 2_000)
    expect(await b.get('k', fetch)).toBe('run 2')
  })

  it('give every caller the error of the fetch, and fetch again after it', async () => {
    const { fleet, gate, tally, fetch, join } = setUpFleet()
    const [a, b] = [join(), join()]
    const failing = async (): Promise<never> => {
      tally.add('failing')
      await gate.passed()
      throw Object.assign(new RangeError('down'), { code: 'EDOWN' })
    }
    const calls = [a.get('k', failing), b.get('k', failing), b.get('k', failing)].map(call =>
      call.catch((error: unknown) => error),
    )
    await fleet.sent.until('waiting', 1)
    gate.open()
    for (const error of await Promise.all(calls))
      expect(error).toMatchObject({ name: 'RangeError', message: 'down', code: 'EDOWN' })
    expect(tally.count('failing')).toBe(1)
    expect(await b.get('k', fetch)).toBe('run 1')
  })

  it('receive changes of any of them', async () => {
    const { gate, fetch, join } = setUpFleet()
    const [a, b] = [join(), join()]
    gate.open()
    await a.get('deleted', fetch)
    await a.get('tagged', fetch, { tags: ['t'] })
    await Promise.all(['deleted', 'tagged'].map(key => b.get(key, fetch)))
    expect(await a.delete('deleted')).toEqual({ fleet: true })
    expect(await a.invalidateTags('t')).toEqual({ fleet: true })
    expect(['deleted', 'tagged'].map(key => b.peek(key))).toEqual([undefined, undefined])
    expect(await a.set('k', 'set', { tags: ['t'] })).toEqual({ fleet: true })
    expect(await b.get('k', fetch)).toBe('set')
    expect(await b.clear()).toEqual({ fleet: true })
    expect([a.peek('k'), b.peek('k')]).toEqual([undefined, undefined])
  })

  it.each(['delete', 'invalidateTags', 'clear'] as const)('fence fetches in progress elsewhere by %s', async call => {
    const { gate, tally, events, fetch, join } = setUpFleet()
    const [a, b] = [join(), join()]
    const flying = a.get('k', fetch, { tags: ['k'] })
    await tally.until('runs', 1)
    await b[call]('k')
    const anew = b.get('k', async () => 'new', { tags: ['k'] })
    gate.open()
    expect(await flying).toBe('run 1')
    expect(await anew).toBe('new')
    expect(await a.get('k', fetch)).toBe('new')
    expect(events.filter(({ type }) => type === 'fence')).toHaveLength(1)
  })

  it('refresh a stale value once over all of them', async () => {
    const { clock, gate, tally, fetch, join } = setUpFleet({ staleWhileRevalidate: TTL })
    const [a, b] = [join(), join()]
    await a.set('k', 'old')
    expect(await b.get('k', fetch)).toBe('old')
    clock.advance(TTL)
    expect(await Promise.all([a.get('k', fetch), b.get('k', fetch), b.get('k', fetch)])).toEqual(['old', 'old', 'old'])
    await tally.until('runs', 1)
    gate.open()
    expect(await Promise.all([a, b].map(cache => cache.getFresh('k', fetch)))).toEqual(['run 1', 'run 1'])
    expect(tally.count('runs')).toBe(1)
  })

  it('return a stale value in the store at once, while one refresh runs', async () => {
    const { clock, gate, tally, fetch, join } = setUpFleet({ staleWhileRevalidate: TTL })
    const [a, b] = [join(), join()]
    await a.set('k', 'old')
    clock.advance(TTL)
    expect(await Promise.all([b.get('k', fetch), b.get('k', fetch)])).toEqual(['old', 'old'])
    const fresh = b.getFresh('k', fetch)
    await tally.until('runs', 1)
    gate.open()
    expect(await fresh).toBe('run 1')
    expect(tally.count('runs')).toBe(1)
  })

  it('return a stale value in the store if the fetch fails', async () => {
    const { clock, join } = setUpFleet({ staleIfError: TTL })
    const [a, b] = [join(), join()]
    await a.set('k', 'old')
    clock.advance(TTL)
    expect(await b.get('k', fails('down'))).toBe('old')
    await expect(join().getFresh('k', fails('down'))).rejects.toBe('down')
    expect(b.stats()).toMatchObject({ fallbacks: 1, errors: 1 })
  })

  it('refresh on demand, and join a refresh of another one', async () => {
    const { fleet, gate, tally, fetch, join } = setUpFleet()
    const [a, b] = [join(), join()]
    await a.set('k', 'old')
    const calls = [a.refresh('k', fetch), b.refresh('k', fetch)]
    await fleet.sent.until('waiting', 1)
    gate.open()
    expect(await Promise.all(calls)).toEqual(['run 1', 'run 1'])
    expect(tally.count('runs')).toBe(1)
  })

  it('hand over if a fetch takes too long, or no caller waits any more', async () => {
    const { clock, fleet, gate, tally, fetch, join } = setUpFleet({ timeout: 1_000 })
    const [a, b] = [join(), join()]
    const slow = a.get('k', () => new Promise<never>(() => {})).catch((error: unknown) => error)
    await fleet.sent.until('acquire', 1)
    const waiting = b.get('k', fetch)
    await fleet.sent.until('waiting', 1)
    clock.advance(1_000)
    expect(await slow).toMatchObject({ name: 'TimeoutError' })
    await tally.until('runs', 1)
    gate.open()
    expect(await waiting).toBe('run 1')

    const leaver = new AbortController()
    const left = a
      .get('l', () => new Promise<never>(() => {}), { signal: leaver.signal })
      .catch((reason: unknown) => reason)
    await fleet.sent.until('acquire', 3)
    const next = b.get('l', async () => 'next')
    await fleet.sent.until('waiting', 2)
    leaver.abort('left')
    expect([await left, await next]).toEqual(['left', 'next'])
  })
})

describe('several keys at once', () => {
  it('are fetched but for those that other processes have, or fetch', async () => {
    const { fleet, gate, tally, fetch, join } = setUpFleet()
    const [a, b] = [join(), join()]
    await a.set('stored', 'set')
    const flying = a.get('flying', fetch)
    await tally.until('runs', 1)
    const asked: (readonly string[])[] = []
    const many = b.getMany(['stored', 'flying', 'x', 'y'], keys => {
      asked.push(keys)
      return new Map(keys.map(key => [key, `many ${key}`]))
    })
    await fleet.sent.until('waiting', 1)
    expect(asked).toEqual([['x', 'y']])
    gate.open()
    expect(Object.fromEntries(await many)).toEqual({ stored: 'set', flying: 'run 1', x: 'many x', y: 'many y' })
    expect(await flying).toBe('run 1')
    expect(await a.get('x', fails('unused'))).toBe('many x')
  })
})

describe('a store in trouble', () => {
  it('makes each process go on by itself, and keeps what it has for no longer than it says', async () => {
    const { clock, fleet, gate, tally, events, fetch, join } = setUpFleet({ ttl: 60_000 })
    const [a, b] = [join(), join()]
    fleet.stop()
    const calls = [a.get('k', fetch), a.get('k', fetch), b.get('k', fetch)]
    await tally.until('runs', 2)
    gate.open()
    expect((await Promise.all(calls)).sort()).toEqual(['run 1', 'run 1', 'run 2'])
    expect(a.peek('k')).toMatchObject({ ttl: 5_000 })
    expect(await a.delete('gone')).toEqual({ fleet: false })
    clock.advance(5_000)
    fleet.start()
    await a.get('k', fetch)
    expect(await b.get('k', fails('unused'))).toBe('run 3')
    expect(events).toContainEqual(expect.objectContaining({ type: 'breaker', state: 'open' }))
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('that %s, which it should not, is as good as none', async (_how, broken) => {
    const tier = {
      degradedTtl: 0,
      read: broken,
      acquire: broken,
      allow: broken,
      set: broken,
      invalidate: broken,
      invalidateTags: broken,
      clear: broken,
      close: broken,
    }
    const store = { join: () => tier } as unknown as SharedStore
    const { gate, events, fetch, join } = setUpFleet({ store })
    const cache = join()
    gate.open()
    expect(await Promise.all([cache.get('k', fetch), cache.get('k', fetch)])).toEqual(['run 1', 'run 1'])
    expect(await cache.set('k', 'v')).toEqual({ fleet: false })
    expect(await cache.clear()).toEqual({ fleet: false })
    await cache.close()
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(5)
  })

  it('that disappears during a fetch leaves all callers their value, which is kept for degradedTtl', async () => {
    const { clock, fleet, gate, tally, fetch, join } = setUpFleet({ ttl: 60_000, staleWhileRevalidate: 60_000 })
    const cache = join()
    const calls = [cache.get('k', fetch), cache.get('k', fetch)]
    await tally.until('runs', 1)
    fleet.stop()
    gate.open()
    expect(await Promise.all(calls)).toEqual(['run 1', 'run 1'])
    expect(await cache.get('k', fails('unused'))).toBe('run 1')
    await tally.until('store', 1)
    expect(cache.peek('k')).toMatchObject({ ttl: 5_000 })
    clock.advance(5_000)
    expect(await cache.getFresh('k', fetch)).toBe('run 2')
  })

  it('that fails once makes no process use a stale record', async () => {
    const { clock, fleet, gate, fetch, join } = setUpFleet({ staleIfError: 600_000 })
    const [a, b] = [join(), join()]
    gate.open()
    await a.set('k', 'old')
    clock.advance(TTL)
    fleet.hold('read', 'request')
    const asked = b.getFresh('k', fetch)
    fleet.stop()
    fleet.release('read', 'request')
    fleet.start()
    expect(await asked).toBe('run 1')
  })
})

it('a wrapped function has a key of its own where processes share a store: they number theirs otherwise', () => {
  const { join } = setUpFleet()
  const user = (id: number): string => `user ${id}`
  expect(() => join().wrap(user)).toThrow('option "key" got undefined; it takes a function (...args) => string')
  expect(() => join().wrap(user, { key: id => `user:${id}` })).not.toThrow()
})
