import { CallerLeft, FetchFailure, type Value } from './value.ts'

/** The callers: their results, and the signals that will abort them. */
export class Callers {
  /** One for the whole soak: it never aborts, and shows listeners that were not removed. */
  readonly longLived: AbortSignal = new AbortController().signal
  /** The first few wrong answers. */
  readonly surprises: string[] = []
  #values = 0
  #failures = 0
  #leavers: AbortController[] = []

  get values(): number {
    return this.#values
  }

  get failures(): number {
    return this.#failures
  }

  /** A signal that aborts at the next `leave`. */
  leaver(): AbortSignal {
    const controller = new AbortController()
    this.#leavers.push(controller)
    return controller.signal
  }

  leave(): void {
    const leavers = this.#leavers
    this.#leavers = []
    for (const controller of leavers) controller.abort(new CallerLeft())
  }

  /** Looks at what comes of a call. */
  expect(key: string, answer: Promise<Value>): void {
    answer.then(
      value => {
        this.#values += 1
        if (value.key !== key) this.#surprise(`"${key}" got the value of "${value.key}"`)
      },
      (error: unknown) => {
        this.#failures += 1
        if (!(error instanceof FetchFailure || error instanceof CallerLeft)) this.#surprise(String(error))
      },
    )
  }

  #surprise(what: string): void {
    if (this.surprises.length < 10) this.surprises.push(what)
  }
}
