import type { Drive, Plan } from './drive.ts'
import { hits } from './drives/hits.ts'
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
  readonly drive: Drive
  readonly valueOf: (key: string) => number
  readonly sumOf: (plan: Plan) => number
}

export function courseOf(suite: Suite, seed: number, now: Now): Course {
  const { keys, sequence } = suite.workload(seed)
  const drive = suite.drive ?? hits
  const valueOf = valuesOf(keys)
  const sums = new Map<number, number>()
  const sumOf = (plan: Plan): number => {
    // The same keys over again come to the same sum.
    const known = plan.keys === sequence ? sums.get(plan.passes) : undefined
    const sum = known ?? drive.sum(plan, valueOf)
    sums.set(plan.passes, sum)
    return sum
  }
  return { suite: suite.name, now, keys, sequence, drive, valueOf, sumOf }
}
