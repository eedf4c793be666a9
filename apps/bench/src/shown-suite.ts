/** How long and how often; `ms` is how long each lane runs in one round. */
export interface Measuring {
  readonly rounds: number
  readonly ms: number
  readonly seed: number
}

/** A suite that has run: what is printed of it, and what goes into a file. */
export interface Shown {
  readonly text: string
  readonly result: object
}

/** A suite that brings processes of its own, and a table. */
export interface ShownSuite {
  readonly name: string
  run(measuring: Measuring): Promise<Shown>
}
