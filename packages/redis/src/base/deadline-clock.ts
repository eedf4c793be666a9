import { after, type Timing } from './timing.ts'

const TICK = 10
/** The longest time that one tick may count. More is a stall of this process, not of the server. */
const MOST_PER_TICK = 20

/** A ticker that is this late, milliseconds, counts as lost. */
const LOST_AFTER = 1_000

interface Limited {
  readonly dueAt: number
  readonly expire: () => void
}

/** Time limits of one length, on a clock that stops while this process stalls. They share one ticker. */
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

  /** Calls `expire` after the limit, unless the returned function is called first. */
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

  /** All commands in progress have reached their limit. */
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

  /** Replies that wait in the sockets are read before any command expires. */
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
