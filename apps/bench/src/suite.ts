import type { Contender } from './contender.ts'
import type { Drive } from './drive.ts'
import type { Target } from './target.ts'

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
  /** How it asks; by default for known keys, one after another, and nothing may be loaded. */
  readonly drive?: Drive
  /** What the project wants to reach. They are shown, and fail nothing. */
  readonly targets?: readonly Target[]
}
