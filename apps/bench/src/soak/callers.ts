import { CallerLeft, FetchFailure, type Value } from './value.ts'

/** Those who called: what they got, and the signals with which they are going to leave. */
export class Callers {
  /** One for the whole soak: it never aborts, and shows who forgot to take a listener off again. */
  readonly longLived: AbortSignal = new AbortController().signal
  /** The first few things that nobody should have got. */
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
