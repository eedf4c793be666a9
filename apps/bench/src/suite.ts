import type { Contender } from './contender.ts'

/** What the contenders are asked: the keys that they hold, and one pass over them. */
interface Workload {
  readonly keys: readonly string[]
  /** The keys in the order in which they are asked for; a round repeats it a whole number of times. */
  readonly sequence: readonly string[]
}

/** Contenders that are asked the same, and the floor that their ratios are relative to. */
export interface Suite {
  readonly name: string
  readonly about: string
  readonly floor: Contender
  readonly rivals: readonly Contender[]
  /** The same for the same seed. */
  readonly workload: (seed: number) => Workload
}
