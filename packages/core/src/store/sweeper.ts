import { after, type FullClock, timeOr } from '../base/clock.ts'

const SOONEST = 1_000
const LATEST = 60_000
/** Milliseconds between two sweeps, per entry that a sweep visits, so that sweeping stays a small part of the work. */
const REST_PER_ENTRY = 0.01

interface Sweepable {
  readonly size: number
  /** Removes all expired entries, and returns when the first of the others will expire. */
  sweep(now: number): number
}

/** Removes entries soon after they expire, even if they are never requested again, with one timer per store. */
export class Sweeper {
  readonly #clock: FullClock
  readonly #store: Sweepable
  /** When the timer is due; a timer that died with its request is set again after that. */
  #dueAt = Number.NEGATIVE_INFINITY
  #stopTimer: () => void = () => {}

  constructor(clock: FullClock, store: Sweepable) {
    this.#clock = clock
    this.#store = store
  }

  /** An entry was stored that will expire. */
  expect(now: number, goneAt: number): void {
    if (now < this.#dueAt) return
    if (goneAt === Number.POSITIVE_INFINITY) return
    const rest = Math.max(SOONEST, this.#store.size * REST_PER_ENTRY)
    const ms = Math.max(rest, Math.min(goneAt - now, LATEST))
    this.#dueAt = now + ms
    this.#stopTimer = after(this.#clock, ms, () => this.#sweep())
  }

  stop(): void {
    this.#stopTimer()
    this.#dueAt = Number.NEGATIVE_INFINITY
  }

  #sweep(): void {
    const now = timeOr(this.#dueAt, this.#clock)
    this.#dueAt = Number.NEGATIVE_INFINITY
    const goneAt = this.#store.sweep(now)
    // Under fake timers the time may stand still while they run to their end: the next stored entry sets the timer
    // again.
    if (this.#store.size > 0 && this.#clock.hasLastingTimers) this.expect(now, goneAt)
  }
}
