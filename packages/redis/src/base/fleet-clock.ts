import type { Timing } from './timing.ts'

/** A reply that took no longer tells the time well enough, milliseconds. */
const GOOD_ROUND_TRIP = 20
/** After that long, milliseconds, any reply does. */
const LONGEST_WITHOUT = 10_000

/** The time of the log's node, by which the ages of records are told: no process compares its own clock with another's. */
export class FleetClock {
  readonly #timing: Timing
  #offset = 0
  #readAt = Number.NEGATIVE_INFINITY

  constructor(timing: Timing) {
    this.#timing = timing
  }

  /** Milliseconds since 1970, as the server has it. */
  now(): number {
    return this.#timing.now() + this.#offset
  }

  /** @param serverTime what the server said @param sentAt when it was asked, by this process's clock */
  read(serverTime: number, sentAt: number): void {
    const now = this.#timing.now()
    if (now - sentAt > GOOD_ROUND_TRIP && now - this.#readAt < LONGEST_WITHOUT) return
    this.#readAt = now
    this.#offset = serverTime - (sentAt + now) / 2
  }
}
