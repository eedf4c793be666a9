import { Deadline } from './deadlines.ts'
import type { Flight } from './flight.ts'

/** What became of the question whether another process has, or is about to have, the value. */
export type Answered =
  /** This process is to run the fetch, with a lease on its flight or without. */
  | 'run'
  /** The flight is settled. */
  | 'done'
  /** Another process runs it, and this one was not to wait. */
  | 'busy'

/** The question for one flight's value, and the time that it may take: at its end there is no fleet. */
export class Asking<Value> extends Deadline {
  readonly flight: Flight<Value>
  readonly answered: (answered: Answered) => void
  isOver = false
  readonly #end: (asking: Asking<Value>) => void

  constructor(flight: Flight<Value>, answered: (answered: Answered) => void, end: (asking: Asking<Value>) => void) {
    super()
    this.flight = flight
    this.answered = answered
    this.#end = end
  }

  /** Whether anybody hears what is answered now. */
  get isWanted(): boolean {
    return !this.isOver && !this.flight.isSettled
  }

  override expire(): void {
    this.#end(this)
  }
}
