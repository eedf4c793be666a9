/** What a call may ask for beside the defaults of the cache, and what a fetch may say of its result. */
export interface Terms {
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  readonly errorTtl: number
  readonly timeout: number
  readonly tags: readonly string[]
}

export type Mode = 'get' | 'getFresh' | 'refresh'

/** How a run of the work ends. */
export interface Ending {
  readonly fails: boolean
  /** The place of the one key that a run for several leaves out. */
  readonly leavesOut: number | undefined
  readonly ttl: number | undefined
  readonly tags: readonly string[]
  readonly noStore: boolean
}

/** What is stored for a key. */
export interface Kept {
  readonly answer: string
  readonly isFailure: boolean
  readonly storedAt: number
  readonly freshUntil: number
  readonly staleUntil: number
  readonly fallbackUntil: number
  readonly goneAt: number
  readonly tags: readonly string[]
  retryAt: number
  failures: number
}

/** One call: what may come of it, once it is known. */
export class Caller {
  /** Empty while it waits; more than one if the order within one moment is unspecified. */
  readonly answers: Set<string> = new Set()
  readonly #parts: Map<string, string | undefined>
  readonly #isMany: boolean
  /** It has a signal. */
  readonly mayLeave: boolean
  #answeredIn = -1

  constructor(keys: readonly string[], isMany: boolean, mayLeave: boolean) {
    this.#parts = new Map(keys.map(key => [key, undefined]))
    this.#isMany = isMany
    this.mayLeave = mayLeave
    this.#close(0)
  }

  fulfil(key: string, value: string, step: number): void {
    this.#parts.set(key, value)
    this.#close(step)
  }

  fail(answer: string, step: number): void {
    if (this.answers.size > 0 && this.#answeredIn !== step) return
    this.#answeredIn = step
    this.answers.add(answer)
  }

  #close(step: number): void {
    const values = [...this.#parts.values()]
    if (this.answers.size > 0 || values.includes(undefined)) return
    this.#answeredIn = step
    const shown = [...this.#parts].map(([key, value]) => `${key}=${String(value)}`).join()
    this.answers.add(this.#isMany ? shown : String(values[0]))
  }
}

/** One call's part for one key. */
export interface Question {
  readonly caller: Caller
  readonly key: string
  readonly mode: Mode
  readonly terms: Terms
}

export interface Waiting {
  readonly question: Question
  readonly fallback: Kept | undefined
  /** Tags that were invalidated between the start of the flight and this call. */
  readonly distrusted: readonly string[]
}

export interface Flying {
  readonly key: string
  readonly terms: Terms
  readonly replaced: Kept | undefined
  readonly dueAt: number
  readonly invalidated: string[]
  waiting: readonly Waiting[]
  isHeld: boolean
  isOver: boolean
  isAborted: boolean
}

export interface Run {
  readonly flights: readonly Flying[]
  isOver: boolean
}
