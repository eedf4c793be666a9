import { describe, expect, it } from 'vitest'
import { random } from '../src/random.ts'
import { tracesCommand } from '../src/traces/command.ts'
import { lruHits } from '../src/traces/lru.ts'
import { MaxHeap } from '../src/traces/max-heap.ts'
import { optimalHits } from '../src/traces/optimum.ts'
import { report } from '../src/traces/report.ts'
import { stampedeHits } from '../src/traces/stampede.ts'
import { type TraceSettings, traceOf } from '../src/traces/trace.ts'
import { zipfChance } from '../src/zipf.ts'
import { collecting } from './fakes.ts'

const plain: TraceSettings = { seed: 1, objects: 100, requests: 20_000, exponent: 1, scanRate: 0, drift: 0 }

function shareOf(trace: readonly number[], which: (object: number) => boolean): number {
  return trace.filter(which).length / trace.length
}

function mostPopular(trace: readonly number[]): number | undefined {
  const counts = new Map<number, number>()
  for (const object of trace) counts.set(object, (counts.get(object) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0]
}

/** Each way to store or not to store, and to drop, tried out. */
function bestByBruteForce(trace: readonly number[], size: number, stored: readonly number[] = []): number {
  const [object, ...rest] = trace
  if (object === undefined) return 0
  if (stored.includes(object)) return 1 + bestByBruteForce(rest, size, stored)
  const stores =
    stored.length < size ? [[...stored, object]] : stored.map(gone => [object, ...stored.filter(each => each !== gone)])
  return Math.max(...[stored, ...stores].map(next => bestByBruteForce(rest, size, next)))
}

/** Least recently used first. */
function lruByModel(trace: readonly number[], size: number): number {
  let stored: number[] = []
  let hits = 0
  for (const object of trace) {
    if (stored.includes(object)) hits += 1
    stored = [...stored.filter(each => each !== object), object].slice(-size)
  }
  return hits
}

describe('a trace', () => {
  it('is the same for the same settings only', () => {
    expect(traceOf(plain)).toEqual(traceOf(plain))
    expect(traceOf(plain)).not.toEqual(traceOf({ ...plain, seed: 2 }))
  })

  it("asks for its objects by Zipf's law", () => {
    const trace = traceOf(plain)
    expect(trace).toHaveLength(20_000)
    expect(trace.every(object => object >= 0 && object < 100)).toBe(true)
    const first = mostPopular(trace)
    expect(shareOf(trace, object => object === first)).toBeCloseTo(zipfChance(1, 100, 1), 1)
  })

  it('scans objects that never come again, in sequence, to the share that is asked for', () => {
    const trace = traceOf({ ...plain, requests: 100_000, scanRate: 0.3 })
    const scanned = trace.filter(object => object >= 100)
    expect(scanned).toEqual(scanned.map((_, index) => 100 + index))
    expect(shareOf(trace, object => object >= 100)).toBeCloseTo(0.3, 1)
    const starts = trace.filter((object, index) => object >= 100 && (trace[index - 1] ?? 0) < 100)
    expect(scanned.length / starts.length).toBeGreaterThan(100)
  })

  it('has the order of popularity turn as fast as is asked for', () => {
    const steep = { ...plain, exponent: 5 }
    const still = mostPopular(traceOf(steep))
    for (const drift of [10, -10]) {
      const trace = traceOf({ ...steep, requests: 20_000, drift })
      // After 10 000 requests all 100 ranks have gone round once.
      expect(mostPopular(trace.slice(0, 100))).toBe(still)
      expect(mostPopular(trace.slice(10_000, 10_100))).toBe(still)
      expect(mostPopular(trace.slice(5_000, 5_100))).not.toBe(still)
    }
  })

  it('has objects sink or rise by the sign of the drift', () => {
    const [first] = traceOf({ ...plain, objects: 3, requests: 1, exponent: 50 })
    const firsts = (drift: number): number[] =>
      traceOf({ ...plain, objects: 3, requests: 3, exponent: 50, drift: drift * 1_000 })
    const [sinkOne, sinkTwo, sinkThree] = firsts(1)
    const [riseOne, riseTwo, riseThree] = firsts(-1)
    expect([sinkOne, riseOne]).toEqual([first, first])
    expect([sinkTwo, sinkThree]).toEqual([riseThree, riseTwo])
    expect(sinkTwo).not.toBe(riseTwo)
  })
})

describe('the heap', () => {
  it('gives the greatest first, whatever the order', () => {
    const next = random(4)
    const numbers = Array.from({ length: 200 }, () => Math.floor(next() * 50))
    const heap = new MaxHeap()
    for (const number of numbers) heap.push(number)
    expect(heap.top()).toBe(Math.max(...numbers))
    expect(numbers.map(() => heap.pop())).toEqual(numbers.toSorted((a, b) => b - a))
    expect([heap.pop(), heap.top()]).toEqual([undefined, undefined])
  })
})

describe('the caches', () => {
  const next = random(9)
  const small = Array.from({ length: 60 }, () => Array.from({ length: 9 }, () => Math.floor(next() ** 2 * 5)))

  it.each([1, 2, 3])('have the optimum of brute force at size %i', size => {
    expect(small.map(trace => optimalHits(trace, size))).toEqual(small.map(trace => bestByBruteForce(trace, size)))
  })

  it.each([1, 2, 10])('have the hits of a plain LRU at size %i', size => {
    const trace = traceOf({ ...plain, requests: 2_000, scanRate: 0.1 })
    expect(lruHits(trace, size)).toBe(lruByModel(trace, size))
  })

  it('have as many hits as there can be where all fits', async () => {
    const trace = traceOf({ ...plain, requests: 2_000 })
    const repeats = trace.length - new Set(trace).size
    expect([lruHits(trace, 100), await stampedeHits(trace, 100), optimalHits(trace, 100)]).toEqual(
      Array.from({ length: 3 }, () => repeats),
    )
  })

  it('never beat the optimum', async () => {
    const trace = traceOf({ ...plain, requests: 3_000, drift: -20, scanRate: 0.2 })
    const best = optimalHits(trace, 10)
    expect(lruHits(trace, 10)).toBeLessThan(best)
    expect(await stampedeHits(trace, 10)).toBeLessThan(best)
  })
})

describe('the command', () => {
  it('shows every kind of trace, whatever the targets say', async () => {
    const out = collecting()
    const given = ['--objects', '200', '--requests', '1000', '--seeds', '1', '--seed', '7']
    expect(await tracesCommand(given, out)).toBe(0)
    for (const name of [
      'Zipf 0.8 ',
      'Zipf 1.0 ',
      'Zipf 1.0 + scans',
      'Zipf 0.8, sinking 100',
      'Zipf 1.0, rising 300',
    ]) {
      expect(out.printed()).toContain(name)
    }
    expect(out.printed().match(/ 7 {3}1 %/g)).toHaveLength(12)
  })

  it('stops at wrong arguments and prints help', async () => {
    const out = collecting()
    expect(await tracesCommand(['--requests', 'many'], out)).toBe(2)
    expect(out.errors).toEqual(['--requests wants a whole number, 1 or more, as in --requests 200000.'])
    expect(await tracesCommand(['--help'], out)).toBe(0)
    expect(out.printed()).toContain('--seeds N')
  })

  it('shows points with their sign, and the verdict on them', () => {
    const row = { name: 'Zipf', seed: 1, share: 0.1, lru: 50, optimum: 70 }
    const rows = report([
      { ...row, stampede: 58, wanted: { atLeast: 8 } },
      { ...row, stampede: 41.5, wanted: { atLeast: -8 } },
      { ...row, stampede: 51, wanted: undefined },
      { ...row, stampede: 49.98, wanted: undefined },
    ]).split('\n')
    expect(rows.slice(2)).toEqual([
      'Zipf      1  10 %  50.0      58.0     70.0    +8.0      >= 8 met',
      'Zipf      1  10 %  50.0      41.5     70.0    -8.5  >= -8 missed',
      'Zipf      1  10 %  50.0      51.0     70.0    +1.0',
      'Zipf      1  10 %  50.0      50.0     70.0     0.0',
    ])
  })
})
