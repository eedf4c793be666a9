/** What a contender is given: the keys that it is to hold, and the only source of their values. */
export interface Stock {
  readonly keys: readonly string[]
  readonly load: (key: string) => Promise<number>
}

/** One operation. The frame awaits what it returns; `undefined` counts as a wrong value. */
export type Ask = (key: string) => Answer | Promise<Answer>
export type Answer = number | undefined

/** A contender that holds every key. */
export interface Ready {
  readonly ask: Ask
  readonly close?: () => Promise<void>
}

/** Something to measure. `prepare` is called for each run, and for the floor's control pair a second time. */
export interface Contender {
  readonly name: string
  /** The package that it comes from; the table shows its version. */
  readonly package?: string
  /** What the reader must allow for when holding it against the others, in one sentence. */
  readonly allowance?: string
  /** Resolves once every key is stored: no later call may reach `load`. */
  readonly prepare: (stock: Stock) => Promise<Ready>
}
