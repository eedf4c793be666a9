import { random, shuffled } from '../random.ts'
import { zipfRanks } from '../zipf.ts'

/** What a trace is made from; the same settings make the same trace. */
export interface TraceSettings {
  readonly seed: number
  /** How many objects there are to choose from by popularity. */
  readonly objects: number
  readonly requests: number
  /** Of Zipf's law. */
  readonly exponent: number
  /** The share of requests that belong to scans: sequences of objects that are asked for once and never again. */
  readonly scanRate: number
  /**
   * Ranks per 1000 requests by which the order of popularity rotates. Above 0 objects sink: what was last is first all
   * at once, and the others are one down. Below 0 they rise, and what was first is last all at once.
   */
  readonly drift: number
}

/** Objects asked for in one scan. */
const SCAN = 200
const DRIFT_PER = 1_000

/** The numbers of the objects in the order of the requests: below `objects` by popularity, above it those of scans. */
export function traceOf({ seed, objects, requests, exponent, scanRate, drift }: TraceSettings): number[] {
  const next = random(seed)
  const byRank = shuffled(
    Array.from({ length: objects }, (_, object) => object),
    next,
  )
  const ranks = zipfRanks({ ranks: objects, exponent, draws: requests }, next)
  const startChance = chanceOfScan(scanRate)
  let scanned = objects
  let left = 0
  return ranks.map((rank, request) => {
    if (left === 0 && next() < startChance) left = SCAN
    if (left > 0) {
      left -= 1
      scanned += 1
      return scanned - 1
    }
    const turned = Math.trunc((request * drift) / DRIFT_PER)
    return byRank[modulo(rank - 1 - turned, objects)] ?? 0
  })
}

/** The probability that a scan begins when none is in progress, so that scans make this share of all requests. */
function chanceOfScan(share: number): number {
  return share === 0 ? 0 : 1 / (1 + (SCAN * (1 - share)) / share)
}

function modulo(dividend: number, divisor: number): number {
  return ((dividend % divisor) + divisor) % divisor
}
