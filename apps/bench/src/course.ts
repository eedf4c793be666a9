import { expectedSum } from './drive.ts'
import { valuesOf } from './origin.ts'
import type { Suite } from './suite.ts'

/** Nanoseconds since some moment. */
export type Now = () => number

/** What each lane of a suite runs through, and what it has to come to. */
export interface Course {
  readonly suite: string
  readonly now: Now
  readonly keys: readonly string[]
  readonly sequence: readonly string[]
  readonly values: ReadonlyMap<string, number>
  readonly sumAfter: (passes: number) => number
}

export function courseOf(suite: Suite, seed: number, now: Now): Course {
  const { keys, sequence } = suite.workload(seed)
  const values = valuesOf(keys)
  const sums = new Map<number, number>()
  const sumAfter = (passes: number): number => {
    const sum = sums.get(passes) ?? expectedSum(values, sequence, passes)
    sums.set(passes, sum)
    return sum
  }
  return { suite: suite.name, now, keys, sequence, values, sumAfter }
}
