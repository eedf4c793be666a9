import { after, type Timing } from '../base/timing.ts'

/** How often at least the log is read in the time after which nothing is vouched for: a reply may be lost. */
const READS = 3

/** Whether somebody vouches for what is in memory: that is who read what others changed. */
export class StalenessWatchdog {
  readonly #timing: Timing
  readonly #most: number
  readonly #ended: () => void
  #at: number
  #stopTimer: () => void = () => {}

  /** @param most how long, milliseconds, a reading holds; @param ended called at its end, and again for as long as none follows */
  constructor(timing: Timing, most: number, ended: () => void) {
    this.#timing = timing
    this.#most = most
    this.#ended = ended
    this.#at = timing.now()
  }

  get isOver(): boolean {
    return this.#timing.now() - this.#at >= this.#most
  }

  /** How long, milliseconds, from one reading to the next at most. */
  get interval(): number {
    return this.#most / READS
  }

  /** @param at when it was asked what others changed: it is known as of then */
  renew(at: number): void {
    this.#at = at
  }

  start(): void {
    this.#endAfter(this.#most)
  }

  stop(): void {
    this.#stopTimer()
  }

  #endAfter(ms: number): void {
    this.#stopTimer = after(this.#timing, ms, () => {
      const left = this.#at + this.#most - this.#timing.now()
      this.#endAfter(left > 0 ? left : this.#most)
      if (left <= 0) this.#ended()
    })
  }
}
