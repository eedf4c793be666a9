import type { Timing } from './timing.ts'

/** A reply within this time shows the server's time precisely enough, milliseconds. */
const GOOD_ROUND_TRIP = 20
/** After this time, milliseconds, any reply is used. */
const LONGEST_WITHOUT = 10_000

/** The time of the log's node, which determines the ages of records: processes never compare their own clocks. */
export class FleetClock {
  readonly #timing: Timing
  #offset = 0
  #readAt = Number.NEGATIVE_INFINITY

  constructor(timing: Timing) {
    this.#timing = timing
  }

  /** Milliseconds since 1970, by the server. */
  now(): number {
    return this.#timing.now() + this.#offset
  }

  /** @param serverTime the time in the reply @param sentAt when the command was sent, by this process's clock */
  read(serverTime: number, sentAt: number): void {
    const now = this.#timing.now()
    if (now - sentAt > GOOD_ROUND_TRIP && now - this.#readAt < LONGEST_WITHOUT) return
    this.#readAt = now
    this.#offset = serverTime - (sentAt + now) / 2
  }
}
