import { describe, expect, it } from 'vitest'
import { random } from '../src/random.ts'
import { growths, suites } from '../src/suites/index.ts'
import { zipfChance, zipfRanks } from '../src/zipf.ts'

describe('the random numbers', () => {
  it('lie from 0 up to 1 and around a half', () => {
    const next = random(3)
    const numbers = Array.from({ length: 10_000 }, next)
    expect(numbers.every(number => number >= 0 && number < 1)).toBe(true)
    expect(numbers.reduce((sum, number) => sum + number) / numbers.length).toBeCloseTo(0.5, 1)
  })
})

describe("Zipf's law", () => {
  const zipf = { ranks: 1_000, exponent: 1, draws: 50_000 }

  it('gives the same ranks for the same seed only', () => {
    expect(zipfRanks(zipf, random(1))).toEqual(zipfRanks(zipf, random(1)))
    expect(zipfRanks(zipf, random(1))).not.toEqual(zipfRanks(zipf, random(2)))
  })

  it.each([1, 2, 10])('draws rank %i about as often as theory says', rank => {
    const drawn = zipfRanks(zipf, random(1)).filter(each => each === rank).length
    const chance = zipfChance(rank, zipf.ranks, zipf.exponent)
    const deviation = Math.sqrt(zipf.draws * chance * (1 - chance))
    expect(Math.abs(drawn - zipf.draws * chance)).toBeLessThan(3 * deviation)
  })

  it('draws no rank that is not there', () => {
    const ranks = zipfRanks({ ranks: 3, exponent: 1, draws: 1_000 }, random(1))
    expect(new Set(ranks)).toEqual(new Set([1, 2, 3]))
    expect([1, 2, 3].map(rank => zipfChance(rank, 3, 1) * 11)).toEqual(
      [6, 3, 2].map(share => expect.closeTo(share) as number),
    )
  })
})

describe('the workloads', () => {
  it.each(suites)(
    'of $name are the same for the same seed, and ask for keys that are there unless all are cold',
    ({ workload, drive }) => {
      const { keys, sequence } = workload(5)
      const known = new Set(keys)
      expect(known.size).toBe(keys.length)
      expect(sequence.every(key => known.has(key))).toBe(drive === undefined)
      expect(workload(5).sequence).toEqual(sequence)
    },
  )

  it.each(suites)('of $name have targets for rivals that are there', ({ rivals, targets = [] }) => {
    const names = rivals.map(({ name }) => name)
    expect(targets.every(({ contender }) => names.includes(contender))).toBe(true)
  })

  it('are there for each growth', () => {
    const ends = growths.flatMap(({ from, to }) => [from, to])
    expect(suites.map(({ name }) => name)).toEqual(expect.arrayContaining(ends))
  })

  it.each(suites)('of $name have names that the table can distinguish', ({ floor, rivals }) => {
    const names = [floor, ...rivals].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})
