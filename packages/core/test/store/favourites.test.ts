import { describe, expect, it } from 'vitest'
import type { Stampede } from '../../src/index.ts'
import { setUp } from '../support/set-up.ts'

const TTL = 100

/** A cache with room for ten, and many newcomers that are requested once. */
function small() {
  const parts = setUp({ ttl: TTL, maxEntries: 10 })
  const { cache } = parts
  let next = 0
  const newcomers = async (count: number): Promise<void> => {
    for (let one = 0; one < count; one += 1) await cache.get(`newcomer ${(next += 1)}`, () => 'x')
  }
  return { ...parts, newcomers }
}

/** Asks so often; what it is asked for first is fetched. */
async function ask(cache: Stampede, key: string, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) await cache.get(key, () => key)
}

const isKept = (cache: Stampede, key: string): boolean => cache.peek(key) !== undefined

describe('a key that was asked for again', () => {
  it.each([
    [2, true],
    [1, false],
  ])('keeps its place when its value is set anew (asked for %i times: %s)', async (times, expected) => {
    const { cache, newcomers } = small()
    await ask(cache, 'k', times)
    await newcomers(10)
    expect(isKept(cache, 'k')).toBe(expected)
    if (expected) await cache.set('k', 'new')
    await newcomers(30)
    expect(isKept(cache, 'k')).toBe(expected)
  })

  it.each([
    [2, true],
    [1, false],
  ])('is known again when it comes back after its end (asked for %i times: %s)', async (times, expected) => {
    const { cache, clock, newcomers } = small()
    await ask(cache, 'k', times)
    clock.advance(TTL)
    await ask(cache, 'k')
    await newcomers(30)
    expect(isKept(cache, 'k')).toBe(expected)
  })

  it('does not lose its place where others are deleted', async () => {
    const { cache, newcomers } = small()
    const keys = Array.from({ length: 8 }, (_, id) => `${id}`)
    for (const key of keys) await ask(cache, key, 2)
    await newcomers(10)
    for (const key of keys.slice(0, 5)) await cache.delete(key)
    await newcomers(50)
    expect(keys.filter(key => isKept(cache, key))).toEqual(['5', '6', '7'])
    expect(cache.stats().entries).toBe(10)
  })
})

describe('among keys that are all asked for again', () => {
  /** More of them than there is room for. */
  async function others(cache: Stampede, count: number, between: () => Promise<void>): Promise<void> {
    for (let one = 0; one < count; one += 1) {
      await ask(cache, `other ${one}`, 2)
      await between()
    }
  }

  it('one that is asked for all the time stays, and one that was so long ago goes', async () => {
    const { cache, newcomers } = small()
    for (const key of ['favourite', 'former']) await ask(cache, key, 2)
    await newcomers(10)
    await ask(cache, 'favourite')
    await others(cache, 60, async () => {
      expect(await cache.get('favourite', () => 'fetched again')).toBe('favourite')
    })
    expect(isKept(cache, 'former')).toBe(false)
  })

  it('the oftener one was asked for, the longer it stays', async () => {
    const { cache, newcomers } = small()
    for (const key of ['once', 'thrice']) await ask(cache, key, 2)
    await newcomers(10)
    await ask(cache, 'once', 1)
    await ask(cache, 'thrice', 3)
    const left: string[] = []
    await others(cache, 100, async () => {
      for (const key of ['once', 'thrice']) if (!isKept(cache, key) && !left.includes(key)) left.push(key)
    })
    expect(left).toEqual(['once', 'thrice'])
  })
})
