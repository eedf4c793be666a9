import { describe, expect, it } from 'vitest'
import { drawsFrom, refreshesEarly } from '../../../src/functions/state/early-refresh.ts'
import { setUp } from '../../support/set-up.ts'

describe('the moment from which is drawn', () => {
  it.each([
    { freshUntil: 1_000, beta: 0, duration: 7, from: 1_000 },
    { freshUntil: 1_000, beta: 1, duration: 0, from: 1_000 },
    { freshUntil: 1_000, beta: 1, duration: 10, from: 800 },
    { freshUntil: 1_000, beta: 2, duration: 10, from: 600 },
    { freshUntil: 1_000, beta: 0.33, duration: 1, from: 993 },
    { freshUntil: 1_000, beta: 1, duration: 100, from: -1_000 },
  ])('for beta $beta and $duration ms is $from', ({ freshUntil, beta, duration, from }) => {
    expect(drawsFrom(freshUntil, beta, duration)).toBe(from)
  })
})

describe('a draw', () => {
  const half = 10 * Math.LN2
  it.each([
    { now: 1_000, draw: 0, isEarly: true },
    { now: 999, draw: 0, isEarly: false },
    { now: 1_000 - half + 0.001, draw: 0.5, isEarly: true },
    { now: 1_000 - half - 0.001, draw: 0.5, isEarly: false },
    { now: 900, draw: 1 - 2 ** -53, isEarly: true },
    { now: 0, draw: 1 - 2 ** -53, isEarly: false },
  ])('of $draw at $now brings the refresh forward: $isEarly', ({ now, draw, isEarly }) => {
    expect(refreshesEarly({ now, freshUntil: 1_000, beta: 1, duration: 10, draw })).toBe(isEarly)
  })
})

/** The same numbers in each run (Steele, Vigna: mulberry32). */
function mulberry(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const TTL = 100_000
const DURATION = 100
const KEYS = Array.from({ length: 5_000 }, (_, id) => `${id}`)

/** So many keys whose fetch took so long, at a moment so long before they expire. */
async function nearExpiry(beta: number, before: number, random: () => number) {
  const all = setUp({ ttl: TTL, earlyRefresh: beta, maxEntries: KEYS.length, maxFlights: KEYS.length, random })
  const { cache, clock, gate, fetch } = all
  const loaded = KEYS.map(key => cache.get(key, fetch))
  clock.advance(DURATION)
  gate.open()
  await Promise.all(loaded)
  clock.advance(TTL - before)
  return all
}

describe('a refresh ahead of expiry', () => {
  it.each([
    { beta: 1, before: 0 + 1 },
    { beta: 1, before: 50 },
    { beta: 1, before: 100 },
    { beta: 1, before: 300 },
    { beta: 0.5, before: 50 },
    { beta: 2, before: 200 },
    { beta: 2, before: 500 },
    { beta: 1, before: 1_999 },
  ])('comes as often as the paper says: beta $beta, $before ms before', async ({ beta, before }) => {
    const { cache, fetch, runs } = await nearExpiry(beta, before, mulberry(42))
    for (const key of KEYS) expect(await cache.get(key, fetch)).toMatch(/^run /)
    const seen = (runs() - KEYS.length) / KEYS.length
    const chance = Math.exp(-before / (beta * DURATION))
    const deviation = Math.sqrt((chance * (1 - chance)) / KEYS.length)
    expect(Math.abs(seen - chance)).toBeLessThanOrEqual(4 * deviation + Number.EPSILON)
  })

  it.each([
    { beta: 1, before: 2_001, draws: 0 },
    { beta: 1, before: 2_000, draws: 1 },
    { beta: 0.5, before: 1_001, draws: 0 },
    { beta: 0.5, before: 1_000, draws: 1 },
    { beta: 0, before: 1, draws: 0 },
  ])(
    'is drawn for within reach alone: beta $beta, $before ms before, $draws a hit',
    async ({ beta, before, draws }) => {
      let drawn = 0
      const random = (): number => {
        drawn += 1
        return 0
      }
      const { cache, fetch, runs } = await nearExpiry(beta, before, random)
      for (const key of KEYS) await cache.get(key, fetch)
      expect({ drawn, runs: runs(), hits: cache.stats().hits }).toEqual({
        drawn: draws * KEYS.length,
        runs: KEYS.length,
        hits: KEYS.length,
      })
    },
  )
})
