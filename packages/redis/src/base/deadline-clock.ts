import { after, type Timing } from './timing.ts'

const TICK = 10
/** How much one tick may count. More of it was a stall of this process, which is not the server's fault. */
const MOST_PER_TICK = 20

/** A ticker that is so late, milliseconds, is taken for lost. */
const LOST_AFTER = 1_000

interface Limited {
  readonly dueAt: number
  readonly expire: () => void
}

/** Time limits, all of the same length, on a clock that does not go on while this process stands still. One ticker for all. */
export class DeadlineClock {
  readonly #timing: Timing
  readonly #limit: number
  /** In the order in which they end. */
  readonly #running = new Set<Limited>()
  #now = 0
  #readAt = 0
  #stopTicker: (() => void) | undefined

  constructor(timing: Timing, limit: number) {
    this.#timing = timing
    this.#limit = limit
  }

  get running(): number {
    return this.#running.size
  }

  /** Calls `expire` when the limit has passed, unless what it returns is called before. */
  start(expire: () => void): () => void {
    // The clock was read up to a tick ago.
    const limited: Limited = { dueAt: this.#now + this.#limit + TICK, expire }
    this.#running.add(limited)
    const now = this.#timing.now()
    if (this.#stopTicker === undefined || now < this.#readAt || now > this.#readAt + LOST_AFTER) {
      this.#stopTicker?.()
      this.#readAt = now
      this.#tickLater()
    }
    return () => void this.#running.delete(limited)
  }

  /** All that is under way has had its time. */
  stop(): void {
    this.#stopTicker?.()
    this.#stopTicker = undefined
    for (const limited of this.#running) {
      this.#running.delete(limited)
      limited.expire()
    }
  }

  #tickLater(): void {
    this.#stopTicker = after(this.#timing, TICK, () => this.#tick(), true)
  }

  /** Replies that wait in the sockets are heard before anybody is judged. */
  #tick(): void {
    const readAt = this.#timing.now()
    this.#now += Math.min(Math.max(0, readAt - this.#readAt), MOST_PER_TICK)
    this.#readAt = readAt
    this.#stopTicker = undefined
    this.#timing.afterPoll(() => this.#judge())
    if (this.#running.size > 0) this.#tickLater()
  }

  #judge(): void {
    for (const limited of this.#running) {
      if (limited.dueAt > this.#now) return
      this.#running.delete(limited)
      limited.expire()
    }
  }
}
