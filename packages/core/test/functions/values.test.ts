import { describe, expect, it } from 'vitest'
import { setUp, TTL } from '../support/set-up.ts'

describe('a value', () => {
  it('is the same object for all callers of all kinds', async () => {
    const { cache, clock } = setUp({ ttl: TTL, staleWhileRevalidate: TTL })
    const value = { deep: {} }
    const load = (): typeof value => value
    const answers = await Promise.all([cache.get('k', load), cache.get('k', load), cache.getFresh('k', load)])
    answers.push(await cache.get('k', load))
    const many = await cache.getMany(['k'], () => new Map<string, typeof value>())
    clock.advance(TTL)
    answers.push(await cache.get('k', () => value))
    for (const answer of [...answers, many.get('k'), cache.peek('k')?.value]) expect(answer).toBe(value)
  })

  it('is in a Map of its own for each getMany, in the order of the keys', async () => {
    const { cache } = setUp({ ttl: TTL })
    const load = (keys: readonly string[]): Map<string, string> => new Map(keys.toReversed().map(key => [key, key]))
    const [one, other] = await Promise.all([cache.getMany(['b', 'a', 'b'], load), cache.getMany(['a', 'b'], load)])
    expect([[...one.keys()], [...other.keys()]]).toEqual([
      ['b', 'a'],
      ['a', 'b'],
    ])
    expect(one).not.toBe(other)
  })
})

describe('a ttl without end', () => {
  it.each([0, 0.5])('keeps a value for ever, and its age is known (jitter %d)', async jitter => {
    const { cache, clock } = setUp({ ttl: Number.POSITIVE_INFINITY, jitter })
    await cache.set('k', 'old')
    clock.advance(2 ** 40)
    const forEver = { value: 'old', state: 'fresh', age: 2 ** 40, ttl: Number.POSITIVE_INFINITY }
    expect(cache.peek('k')).toEqual(forEver)
    expect(await cache.get('k', () => 'new')).toBe('old')
  })
})

describe('a look', () => {
  it('starts nothing, counts as nothing, and shows no failure', async () => {
    const { cache, clock } = setUp({ ttl: TTL, staleWhileRevalidate: 10, errorTtl: TTL })
    expect(cache.peek('k')).toBeUndefined()
    await cache.set('k', 'old')
    clock.advance(TTL + 9)
    expect(cache.peek('k')).toEqual({ value: 'old', state: 'stale', age: TTL + 9, ttl: -9 })
    clock.advance(1)
    expect(cache.peek('k')).toBeUndefined()
    await expect(cache.get('bad', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(cache.peek('bad')).toBeUndefined()
    expect(cache.stats()).toMatchObject({ hits: 0, staleHits: 0, misses: 1, fetches: 1 })
  })
})
