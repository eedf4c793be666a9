import { outcomeOf } from '../response/cache-status.ts'
import { acceptsStale } from '../request/request-directives.ts'
import type { HttpState } from '../flight/http-state.ts'
import { flightKey, type KeyedRequest, methodOfEntry } from '../request/keyed-request.ts'
import { refreshInFront, refreshRequest, RefreshTicket } from '../flight/refresh.ts'
import type { StoredResponse } from '../response/stored-response.ts'
import type { Placed } from './placement.ts'
import type { RefreshRequest, Decision } from '../contract/contract.ts'

/** Gives what is stale within its windows, and has it refreshed behind whoever gets it (RFC 5861). */
export class StaleDecider {
  readonly #state: HttpState

  constructor(state: HttpState) {
    this.#state = state
  }

  /** RFC 5861: within its windows; `undefined` where this request is to go forward. */
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

  /** Whether the stale answer is refreshed, or about to be, by others; else this request is to do it. */
  #isRefreshed({ request, vary, variant, now }: Placed, stored: StoredResponse): boolean {
    if (now < stored.retryAt) return true
    const method = methodOfEntry(stored.key)
    if (this.#state.flightFor(flightKey(method, '', variant), now) !== undefined) return true
    const asked = stored.isRefreshedInFront ? undefined : refreshRequest(request, stored, vary)
    if (asked !== undefined) void this.#refresh(request, stored, asked)
    // A HEAD, or a request for a range, cannot get the answer that is wanted.
    return asked !== undefined || request.view.method !== method || request.view.header('range') !== undefined
  }

  /** Where the request does not come back to here, the next one that finds the answer stale leads in front. */
  async #refresh({ view, policy }: KeyedRequest, stored: StoredResponse, asked: RefreshRequest): Promise<void> {
    const ticket = new RefreshTicket(this.#state, stored)
    // Nobody tries again while this one may still be on its way.
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
