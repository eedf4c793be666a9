import type { HttpFlight } from '../flight/http-flight.ts'
import type { HttpState } from '../flight/http-state.ts'
import { type KeyedRequest, variantOf } from '../request/keyed-request.ts'
import { askAgain, landAll } from '../flight/follower-outcome.ts'
import type { SettledLease } from '../flight/lease-owner.ts'
import { ownError } from '../flight/clone-error.ts'
import type { StoredResponse } from '../response/stored-response.ts'
import type { ReplayDecision } from '../contract/contract.ts'

/** What becomes of a flight that failed or can be shared with nobody, whoever ran the handler. */
export interface Settlement {
  fallback(lease: SettledLease, status: number): ReplayDecision | undefined
  fellBack(lease: SettledLease, error: unknown, status: number): void
  failed(lease: SettledLease, error: unknown): void
  declined(lease: SettledLease, reason: string): void
}

/** What becomes of a flight whose handler another process ran. */
export class FleetSettlement {
  readonly #state: HttpState
  readonly #settlement: Settlement

  constructor(state: HttpState, settlement: Settlement) {
    this.#state = state
    this.#settlement = settlement
  }

  landed(request: KeyedRequest, flight: HttpFlight, response: StoredResponse, now: number): void {
    const { remembered } = this.#state
    const vary = remembered.varyOf(request.key)
    const variant = variantOf(request, vary)
    remembered.markShared(flight.key)
    flight.bear(response.marks)
    const isCurrent = this.#state.leave(flight)
    if (isCurrent && now < response.freshUntil && this.#state.keep(response)) {
      remembered.markStorable(variant)
      this.#state.emit({ type: 'store', target: request.view.target, ttl: response.freshUntil - now })
    }
    landAll(flight, response, { vary, variant, now })
  }

  /** @throws the error, in a form of its own, where nothing stale can be given in its place */
  failed(request: KeyedRequest, flight: HttpFlight, error: unknown): ReplayDecision {
    const lease = { request, flight }
    const fallback = this.#settlement.fallback(lease, 500)
    if (fallback === undefined) {
      this.#settlement.failed(lease, error)
      throw ownError(error)
    }
    this.#settlement.fellBack(lease, error, 500)
    return fallback
  }

  /** Each runs its own. */
  passed(request: KeyedRequest, flight: HttpFlight): void {
    this.#settlement.declined({ request, flight }, 'unshared')
  }

  /** Something was learned of the key. */
  outdated(flight: HttpFlight): void {
    askAgain(this.#state.flights, flight)
  }
}
