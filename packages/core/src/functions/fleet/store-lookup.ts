import { Deadline } from '../../base/deadlines.ts'
import type { Flight } from '../state/flight.ts'

/** What became of the question whether another process has, or is about to have, the value. */
export type LookupResult =
  /** This process is to run the fetch, with a lease on its flight or without. */
  | 'run'
  /** The flight is settled. */
  | 'done'
  /** Another process runs it, and this one was not to wait. */
  | 'busy'

/** The question for one flight's value, and the time that it may take: at its end there is no fleet. */
export class StoreLookup<Value> extends Deadline {
  readonly flight: Flight<Value>
  readonly answered: Promise<LookupResult>
  isOver = false
  #answer: (answered: LookupResult) => void = noop
  readonly #end: (lookup: StoreLookup<Value>) => void

  constructor(flight: Flight<Value>, end: (lookup: StoreLookup<Value>) => void) {
    super()
    this.flight = flight
    this.#end = end
    this.answered = new Promise(resolve => {
      this.#answer = resolve
    })
  }

  /** Whether anybody hears what is answered now. */
  get isWanted(): boolean {
    return !this.isOver && !this.flight.isSettled
  }

  answer(answered: LookupResult): void {
    this.isOver = true
    this.#answer(answered)
  }

  override expire(): void {
    this.#end(this)
  }
}

function noop(): void {}
