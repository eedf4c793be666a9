import { describe, expect, it } from 'vitest'
import { Stampede } from '../../src/index.ts'
import { setUp } from '../support/set-up.ts'

/** A cache that has a listener, whose fetches take 100 ms, and the number of its draws. */
function counting(options: object) {
  let drawn = 0
  const random = (): number => {
    drawn += 1
    return 0
  }
  const parts = setUp({ ttl: 10_000, onEvent: () => {}, random, ...options })
  const load = async (): Promise<void> => {
    await parts.cache.get('k', () => parts.clock.advance(100))
  }
  return { ...parts, load, drawn: () => drawn }
}

describe('a draw', () => {
  it.each([
    { before: 2_001, draws: 0 },
    { before: 2_000, draws: 1 },
    { before: 1, draws: 1 },
  ])('is made where it can bring a refresh forward: $before ms before the end, $draws', async ({ before, draws }) => {
    const { clock, load, drawn } = counting({ earlyRefresh: 1 })
    await load()
    clock.advance(10_000 - before)
    await load()
    expect(drawn()).toBe(draws)
  })

  it('is never made where neither jitter nor earlyRefresh asks for one', async () => {
    const { cache, clock, load, drawn } = counting({})
    await cache.set('set', 1)
    await load()
    clock.advance(9_999)
    await load()
    expect(drawn()).toBe(0)
  })

  it('is not made in a process that is up for very long either', async () => {
    let now = 0
    let drawn = 0
    const random = (): number => (drawn += 1)
    const cache = new Stampede({ ttl: 2 ** 32, clock: { now: () => now }, onEvent: () => {}, random })
    await cache.set('k', 'kept')
    now = 2 ** 31
    expect([await cache.get('k', () => 'unused'), drawn]).toEqual(['kept', 0])
    await cache.close()
  })
})
