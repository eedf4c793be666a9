/** The part of all the time that is left which one leap takes: the first is 279 years, and after 10,000 leaps it is still days. */
const LEAPS = 1_024

/**
 * A clock's readings as a time that never goes back. Where a reading does, as under fake timers, nothing says how much
 * time has passed: the time leaps ahead past every window and every deadline, so that nothing from before counts as fresh.
 */
export class Monotonic {
  /** A first reading below it leaps, which nothing stored can notice. */
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

  /** This reading is not to be compared with those before. */
  leap(reading: number): number {
    this.#last += Math.max(1, Math.floor((Number.MAX_SAFE_INTEGER - this.#last) / LEAPS))
    this.#offset = this.#last - reading
    return this.#last
  }
}
