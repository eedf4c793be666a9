import { after } from '../../base/clock.ts'
import type { SettledLease } from './lease-owner.ts'
import type { HttpState } from './http-state.ts'
import type { BodyEnd, Keeper, SharedBody } from '../body/shared-body.ts'

/** A lease whose body is streaming. */
export interface StreamingLease {
  readonly lease: SettledLease
  readonly body: SharedBody
  readonly declaredBytes: number | undefined
  /** Whether it must be stored, if its flight is still current at the end. */
  readonly isStorable: boolean
  onEnd(end: BodyEnd): void
}

/**
 * A shareable response whose body is still streaming. Requests join it as long as the body moves. After a pause of
 * `waitTimeout` it accepts no more requests and is not stored, and continues for its readers.
 */
export class StreamingResponse implements Keeper {
  readonly declaredBytes: number | undefined
  readonly #state: HttpState
  readonly #arriving: StreamingLease
  #stopTimer: () => void = () => {}

  constructor(state: HttpState, arriving: StreamingLease) {
    this.#state = state
    this.#arriving = arriving
    this.declaredBytes = arriving.declaredBytes
    this.onProgress()
    this.#watch()
  }

  isWanted(): boolean {
    return this.#arriving.isStorable && this.#arriving.lease.flight.isCurrent
  }

  onProgress(): void {
    this.#contained(({ flight, request }) => {
      flight.overdueAt = this.#state.clock.now() + request.policy.waitTimeout
    })
  }

  onEnd(end: BodyEnd): void {
    this.#stopTimer()
    this.#contained(() => this.#arriving.onEnd(end))
  }

  #watch(): void {
    this.#contained(({ flight }) => {
      const left = flight.overdueAt - this.#state.clock.now()
      if (left <= 0) this.#stall()
      else this.#stopTimer = after(this.#state.clock, left, () => this.#watch())
    })
  }

  #stall(): void {
    const { flight, request } = this.#arriving.lease
    flight.lease?.release()
    if (this.#state.flights.leave(flight)) this.#state.emit({ type: 'timeout', target: request.view.target })
    this.#arriving.body.cancelIfUnread()
  }

  /** An error here must not break off an intact body. */
  #contained(act: (lease: SettledLease) => void): void {
    const { lease } = this.#arriving
    try {
      act(lease)
    } catch (error) {
      this.#state.flights.leave(lease.flight)
      this.#state.emit({ type: 'error', target: lease.request.view.target, error })
    }
  }
}
