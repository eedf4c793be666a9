import { after, type FullClock, timeOr } from '../base/clock.ts'

const SOONEST = 1_000
const LATEST = 60_000
/** Milliseconds between two sweeps for each entry that a sweep has to look at, so that sweeping is never much of the work. */
const REST_PER_ENTRY = 0.01

interface Sweepable {
  readonly size: number
  /** Removes all that is gone, and tells when the first of the others will be. */
  sweep(now: number): number
}

/** Removes what is gone though nobody asks for it again, soon after that, at one timer a store. */
export class Sweeper {
  readonly #clock: FullClock
  readonly #store: Sweepable
  /** When the timer is due; one that died with the request that set it is set again after that. */
  #dueAt = Number.NEGATIVE_INFINITY
  #stopTimer: () => void = () => {}

  constructor(clock: FullClock, store: Sweepable) {
    this.#clock = clock
    this.#store = store
  }

  /** Something was stored that will be gone. */
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
    // Under fake timers the time may stand still while they are run to their end: the next one that is stored sets it again.
    if (this.#store.size > 0 && this.#clock.hasLastingTimers) this.expect(now, goneAt)
  }
}
