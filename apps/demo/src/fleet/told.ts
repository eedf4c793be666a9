import type { Burst } from '../burst.ts'

/** What happened in one scene. */
export interface Told {
  readonly title: string
  readonly lines: readonly string[]
  /** What was not as promised, a sentence for each. */
  readonly broken: readonly string[]
  /** The store took too long for a process though nothing was done to it: the machine is out of breath. */
  readonly isBusy: boolean
}

/** What is promised of a figure. */
export interface Promised {
  readonly what: string
  readonly seen: number | boolean
  /** The very value, or the most that it may be. */
  readonly expected: number | boolean | { readonly atMost: number }
}

/** A sentence for each figure that is not as promised. */
export function broken(promises: readonly Promised[]): string[] {
  return promises
    .filter(({ seen, expected }) =>
      typeof expected === 'object' ? !(Number(seen) <= expected.atMost) : seen !== expected,
    )
    .map(({ what, seen, expected }) => {
      const wanted = typeof expected === 'object' ? `at most ${ms(expected.atMost)}` : String(expected)
      return `${what}: expected ${wanted}, saw ${typeof seen === 'number' ? ms(seen) : String(seen)}.`
    })
}

/** Several bursts of the same moment as one. */
export function together(bursts: readonly Burst[]): Burst {
  return {
    requests: sum(bursts.map(({ requests }) => requests)),
    right: sum(bursts.map(({ right }) => right)),
    errors: bursts.flatMap(({ errors }) => errors),
    mismatches: bursts.flatMap(({ mismatches }) => mismatches),
    times: bursts.flatMap(({ times }) => times).toSorted((a, b) => a - b),
  }
}

/** `p50 310, p99 340, max 350 ms` */
export function latencies(times: readonly number[]): string {
  return `p50 ${ms(quantile(times, 0.5))}, p99 ${ms(quantile(times, 0.99))}, max ${ms(quantile(times, 1))} ms`
}

/** Of times in their order. */
export function quantile(times: readonly number[], share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
}

/** `1 run`, `2 runs` */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

/** Milliseconds, as many digits as anybody cares for. */
export function ms(time: number): string {
  return String(Math.round(time))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
