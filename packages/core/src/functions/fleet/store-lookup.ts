import { Deadline } from '../../base/deadlines.ts'
import type { Flight } from '../state/flight.ts'

/** The outcome of asking the store for a value. */
export type LookupResult =
  /** This process must run the fetch, with or without a lease. */
  | 'run'
  /** The flight is settled. */
  | 'done'
  /** Another process runs the fetch, and this one was not to wait. */
  | 'busy'

/**
 * The look-up of one flight's value in the store, with its time limit. After the limit the flight continues without
 * the store.
 */
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

  /** Whether an answer is still of use. */
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
