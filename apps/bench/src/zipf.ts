import type { Random } from './random.ts'

interface Zipf {
  readonly ranks: number
  readonly exponent: number
  readonly draws: number
}

/** Draws ranks from 1 up: rank r comes with a chance in proportion to 1 / r ** exponent. */
export function zipfRanks({ ranks, exponent, draws }: Zipf, next: Random): number[] {
  const upTo = cumulated(ranks, exponent)
  const total = upTo.at(-1) ?? 0
  return Array.from({ length: draws }, () => firstAbove(upTo, next() * total) + 1)
}

/** The chance of a rank. */
export function zipfChance(rank: number, ranks: number, exponent: number): number {
  return rank ** -exponent / (cumulated(ranks, exponent).at(-1) ?? 0)
}

function cumulated(ranks: number, exponent: number): number[] {
  let sum = 0
  return Array.from({ length: ranks }, (_, index) => {
    sum += (index + 1) ** -exponent
    return sum
  })
}

/** The index of the first of the ascending numbers that is greater than `bound`. */
function firstAbove(ascending: readonly number[], bound: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] ?? 0) > bound) high = middle
    else low = middle + 1
  }
  return low
}
