import type { Health } from '../protocol/commands.ts'
import { after, type Timing } from '../base/timing.ts'

const FAILURES = 3
const FIRST_WAIT = 250
const LONGEST_WAIT = 5_000

interface BreakerHooks {
  /** Checks whether the server is usable again, and resynchronizes: only then is anything read from it. */
  readonly probe: () => Promise<boolean>
  readonly opened: (reason: string) => void
  readonly closed: (reason: string) => void
}

/**
 * Blocks commands to a server that does not answer, and detects when it does. Open until the first successful
 * connection.
 */
export class Breaker implements Health {
  readonly #timing: Timing
  readonly #hooks: BreakerHooks
  #isClosed = false
  #isStopped = false
  #isProbing = false
  /** There was a sign of recovery during a probe. */
  #isHopeful = false
  #failures = 0
  #wait = FIRST_WAIT
  #reason = 'start'
  #stopTimer: () => void = () => {}

  constructor(timing: Timing, hooks: BreakerHooks) {
    this.#timing = timing
    this.#hooks = hooks
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  succeeded(): void {
    this.#failures = 0
  }

  failed(reason: string): void {
    this.#failures += 1
    if (this.#failures >= FAILURES) this.open(reason)
  }

  /** Blocks all commands from now on. The first probe is immediate where that may help. */
  open(reason: string, isProbedAtOnce = false): void {
    if (!this.#isClosed || this.#isStopped) return
    this.#isClosed = false
    this.#reason = reason
    this.#wait = FIRST_WAIT
    this.#hooks.opened(reason)
    if (isProbedAtOnce) this.probe()
    else this.#probeLater()
  }

  /** Probes now: the client has connected, or there is another sign of recovery. */
  probe(): void {
    if (this.#isClosed || this.#isStopped) return
    this.#isHopeful = this.#isProbing
    if (this.#isProbing) return
    this.#stopTimer()
    this.#isProbing = true
    void this.#hooks.probe().then(isWell => this.#probed(isWell))
  }

  stop(): void {
    this.#isStopped = true
    this.#isClosed = false
    this.#stopTimer()
  }

  #probed(isWell: boolean): void {
    this.#isProbing = false
    if (this.#isStopped) return
    if (!isWell && this.#isHopeful) {
      this.probe()
      return
    }
    if (!isWell) {
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT)
      this.#probeLater()
      return
    }
    this.#isClosed = true
    this.#failures = 0
    this.#hooks.closed(this.#reason)
  }

  /** Spreads the probes of processes: from half the wait to all of it. */
  #probeLater(): void {
    this.#stopTimer()
    const ms = this.#wait * (0.5 + this.#timing.random() / 2)
    this.#stopTimer = after(this.#timing, ms, () => this.probe())
  }
}
