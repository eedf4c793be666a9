/** What is stored: it says what it is for, and is large enough for a leak to show. */
export interface Value {
  readonly key: string
  readonly content: readonly number[]
}

const NUMBERS = 100

export function valueOf(key: string): Value {
  return { key, content: Array.from<number>({ length: NUMBERS }).fill(key.length) }
}

/** The only error that a fetch of the soak fails with. */
export class FetchFailure extends Error {
  override readonly name = 'FetchFailure'
}

/** The only reason that a caller's signal aborts with. */
export class CallerLeft extends Error {
  override readonly name = 'CallerLeft'
}
