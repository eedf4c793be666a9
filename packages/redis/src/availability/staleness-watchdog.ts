import { after, type Timing } from '../base/timing.ts'

/** How often the log is read, at least, within the time after which memory is stale: a reply may be lost. */
const READS = 3

/** Whether the memory is up to date, because the changes of others were read recently. */
export class StalenessWatchdog {
  readonly #timing: Timing
  readonly #most: number
  readonly #ended: () => void
  #at: number
  #stopTimer: () => void = () => {}

  /**
   * @param most how long a reading is valid, milliseconds; @param ended called at its end, and again as long as none
   * follows
   */
  constructor(timing: Timing, most: number, ended: () => void) {
    this.#timing = timing
    this.#most = most
    this.#ended = ended
    this.#at = timing.now()
  }

  get isOver(): boolean {
    return this.#timing.now() - this.#at >= this.#most
  }

  /** The longest time between two readings, milliseconds. */
  get interval(): number {
    return this.#most / READS
  }

  /** @param at when the reading was requested: it is valid as of then */
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
