/**
 * The fraction of the remaining time range that one leap takes: the first leap is 279 years, and after 10,000 leaps
 * one is still days.
 */
const LEAPS = 1_024

/**
 * Readings of a clock as a time that never goes back. When a reading goes back, as under fake timers, the elapsed time
 * is unknown: the time leaps past every window and every time limit, so that nothing older counts as fresh.
 */
export class Monotonic {
  /** A first reading below this leaps, which no stored entry can notice. */
  #last = 0
  #offset = 0

  at(reading: number): number {
    const now = reading + this.#offset
    if (!(now < this.#last)) {
      this.#last = now
      return now
    }
    return this.leap(reading)
  }

  /** The next reading must not be compared with earlier ones. */
  leap(reading: number): number {
    this.#last += Math.max(1, Math.floor((Number.MAX_SAFE_INTEGER - this.#last) / LEAPS))
    this.#offset = this.#last - reading
    return this.#last
  }
}
