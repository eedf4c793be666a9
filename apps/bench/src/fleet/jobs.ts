/** The jobs of a process, and their results. Durations are milliseconds. */
export interface Jobs {
  /** So many callers ask for a key at once. */
  burst: Job<Burst, Answers>
  /** The same; resolves when the fetch has begun, and `finish` returns the rest. */
  begin: Job<Burst, undefined>
  finish: Job<undefined, Answers>
  /** One caller, whose fetch yields this value at once. */
  read: Job<{ readonly key: string; readonly value: string }, string>
  invalidate: Job<{ readonly key: string }, undefined>
  /** Callers that come one after another, each for a key of its own, whether or not those before have their answers. */
  arrivals: Job<Arrivals, Answers>
  /** Stores values under the keys from one number up to, and not with, another. */
  fill: Job<Filling, undefined>
  /** Invalidates the tag of all that was filled; how long that took. */
  invalidateTag: Job<undefined, number>
  /** Asks for what was filled and is not in memory, in turn, so many at a time. */
  hits: Job<Hits, Hit>
}

interface Job<Asked, Told> {
  readonly asked: Asked
  readonly told: Told
}

export type JobName = keyof Jobs

export interface Burst {
  readonly key: string
  readonly value: string
  readonly callers: number
  readonly fetchMs: number
}

export interface Arrivals {
  /** What the keys begin with. */
  readonly prefix: string
  readonly ms: number
  readonly everyMs: number
  readonly fetchMs: number
}

export interface Answers {
  /** How long each caller waited. */
  readonly times: readonly number[]
  readonly fetches: number
  /** Callers that got an error, or a value that was never fetched. */
  readonly errors: number
}

export interface Filling {
  readonly from: number
  readonly to: number
  readonly bytes: number
  readonly isTagged: boolean
}

export interface Hits {
  readonly keys: number
  readonly bytes: number
  readonly atOnce: number
  readonly ms: number
}

export interface Hit {
  readonly hits: number
  /** Microseconds of this process's processor for a hit. */
  readonly cpu: number
  readonly hitsPerSecond: number
}

/** One process of a fleet. */
export interface Member {
  ask<Name extends JobName>(name: Name, asked: Jobs[Name]['asked']): Promise<Jobs[Name]['told']>
  close(): Promise<void>
}
