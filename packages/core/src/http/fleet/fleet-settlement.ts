import type { HttpFlight } from '../flight/http-flight.ts'
import type { HttpState } from '../flight/http-state.ts'
import { type KeyedRequest, variantOf } from '../request/keyed-request.ts'
import { retryFollowers, releaseFollowers } from '../flight/follower-outcome.ts'
import type { SettledLease } from '../flight/lease-owner.ts'
import { cloneError } from '../flight/clone-error.ts'
import type { StoredResponse } from '../response/stored-response.ts'
import type { ReplayDecision } from '../contract/contract.ts'

/** What settles a flight that failed or cannot be shared, wherever the handler ran. */
export interface Settlement {
  fallback(lease: SettledLease, status: number): ReplayDecision | undefined
  fellBack(lease: SettledLease, error: unknown, status: number): void
  failed(lease: SettledLease, error: unknown): void
  declined(lease: SettledLease, reason: string): void
}

/** Settles flights whose handler ran in another process. */
export class FleetSettlement {
  readonly #state: HttpState
  readonly #settlement: Settlement

  constructor(state: HttpState, settlement: Settlement) {
    this.#state = state
    this.#settlement = settlement
  }

  resolved(request: KeyedRequest, flight: HttpFlight, response: StoredResponse, now: number): void {
    const { keyMemory } = this.#state
    const vary = keyMemory.varyOf(request.key)
    const variant = variantOf(request, vary)
    keyMemory.markShared(flight.key)
    flight.addTags(response.tags)
    const isCurrent = this.#state.leave(flight)
    if (isCurrent && now < response.freshUntil && this.#state.add(response)) {
      keyMemory.markStorable(variant)
      this.#state.emit({ type: 'store', target: request.view.target, ttl: response.freshUntil - now })
    }
    releaseFollowers(flight, response, { vary, variant, now })
  }

  /** @throws a copy of the error, if no stale response can replace it */
  failed(request: KeyedRequest, flight: HttpFlight, error: unknown): ReplayDecision {
    const lease = { request, flight }
    const fallback = this.#settlement.fallback(lease, 500)
    if (fallback === undefined) {
      this.#settlement.failed(lease, error)
      throw cloneError(error)
    }
    this.#settlement.fellBack(lease, error, 500)
    return fallback
  }

  /** Each request runs its own handler. */
  passed(request: KeyedRequest, flight: HttpFlight): void {
    this.#settlement.declined({ request, flight }, 'unshared')
  }

  /** Something was learned about the key. */
  outdated(flight: HttpFlight): void {
    retryFollowers(this.#state.flights, flight)
  }
}
