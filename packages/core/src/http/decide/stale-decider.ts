import { outcomeOf } from '../response/cache-status.ts'
import { acceptsStale } from '../request/request-directives.ts'
import type { HttpState } from '../flight/http-state.ts'
import { flightKey, type KeyedRequest, methodOfEntry } from '../request/keyed-request.ts'
import { refreshInFront, refreshRequest, RefreshTicket } from '../flight/refresh.ts'
import type { StoredResponse } from '../response/stored-response.ts'
import type { Placed } from './placement.ts'
import type { RefreshRequest, Decision } from '../contract/contract.ts'

/** Serves stale responses within their windows, and refreshes them in the background (RFC 5861). */
export class StaleDecider {
  readonly #state: HttpState

  constructor(state: HttpState) {
    this.#state = state
  }

  /** RFC 5861: a stale response within its windows; `undefined` if the request must be forwarded. */
  decide(placed: Placed, stored: StoredResponse): Decision | undefined {
    const { request, now } = placed
    if (!acceptsStale(request.directives)) return undefined
    // The handler failed a moment ago.
    const isFallback = now < stored.fallbackUntil && now < stored.retryAt
    if (isFallback || (now < stored.staleUntil && this.#isRefreshed(placed, stored)))
      return this.#replayStale(placed, stored)
    return undefined
  }

  #replayStale({ request, now }: Placed, stored: StoredResponse): Decision {
    this.#state.counts.staleHits += 1
    this.#state.emit({ type: 'stale', target: request.view.target })
    const outcome = outcomeOf(request.policy, { kind: 'stale' }, stored.freshUntil - now)
    return { kind: 'replay', response: stored.replayFor(request.view, now), outcome }
  }

  /** Whether another request refreshes the response; otherwise this one must. */
  #isRefreshed({ request, vary, variant, now }: Placed, stored: StoredResponse): boolean {
    if (now < stored.retryAt) return true
    const method = methodOfEntry(stored.key)
    if (this.#state.flightFor(flightKey(method, '', variant), now) !== undefined) return true
    const asked = stored.isRefreshedInFront ? undefined : refreshRequest(request, stored, vary)
    if (asked !== undefined) void this.#refresh(request, stored, asked)
    // A HEAD, or a request for a range, cannot get the complete answer that is needed.
    return asked !== undefined || request.view.method !== method || request.view.header('range') !== undefined
  }

  /** If the request does not return to Stampede, the next request that finds the response stale leads. */
  async #refresh({ view, policy }: KeyedRequest, stored: StoredResponse, asked: RefreshRequest): Promise<void> {
    const ticket = new RefreshTicket(this.#state, stored)
    // No other refresh is attempted while this one may be in progress.
    stored.holdOff(this.#state.clock.now() + policy.waitTimeout)
    this.#state.emit({ type: 'refresh', target: view.target })
    try {
      await view.refresh?.(asked, ticket)
    } catch (error) {
      this.#state.emit({ type: 'error', target: view.target, error })
    }
    if (!ticket.isTaken) refreshInFront(this.#state, view, stored, 'not-received')
  }
}
