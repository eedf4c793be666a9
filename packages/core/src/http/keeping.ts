import { type Freshness, isStored } from './freshness.ts'
import type { HttpState } from './http-state.ts'
import { entryKey } from './keyed-request.ts'
import type { SettledLease } from './lease-owner.ts'
import { type MadeResponse, type Received, StoredResponse } from './stored-response.ts'
import type { WholeResponse } from './types.ts'

type ReceivedWhole = Received & Pick<WholeResponse, 'body'>

/** They refuse whoever asked, and say nothing of what is stored. */
const REFUSED = new Set([401, 403, 429])

/** What became of an answer that may be shared. */
export interface Landed {
  readonly made: MadeResponse
  readonly variant: string
  readonly freshness: Freshness
}

/** What is stored of answers, and what stays stored where one failed. */
export class Keeping {
  readonly #state: HttpState

  constructor(state: HttpState) {
    this.#state = state
  }

  /**
   * Ends a flight whose answer is whole: what may be stored is, in place of what was there; a failure never in place of
   * what may still be given.
   */
  keep(lease: SettledLease, response: StoredResponse, { variant, freshness }: Landed): void {
    const { clock, store, remembered } = this.#state
    const { target } = lease.request.view
    if (!this.#state.leave(lease.flight)) {
      if (isStored(freshness)) this.#state.emit({ type: 'fence', target })
      return
    }
    if (this.#isFailedRefresh(lease, response.status)) return this.backOff(lease)
    const now = clock.now()
    if (isStored(freshness) && now < response.goneAt && this.#state.keep(response)) {
      remembered.markStorable(variant)
      this.#state.emit({ type: 'store', target, ttl: response.freshUntil - now })
    } else if (lease.flight.conditions === '') {
      // An answer to somebody's own conditions says nothing of what others stored meanwhile.
      remembered.markUnstorable(variant)
      store.delete(response.key)
    }
  }

  /** Stores what is shared with nobody, to be revalidated for each request. */
  keepForValidation({ request, flight: { marks } }: SettledLease, received: ReceivedWhole, variant: string): void {
    const key = entryKey(request.view.method, variant)
    const stored = new StoredResponse({ ...received, key, marks, lifetime: 0 })
    if (stored.canBeValidated) this.#state.keep(stored)
  }

  #isFailedRefresh({ flight: { replaces } }: SettledLease, status: number): boolean {
    if (replaces === undefined || replaces.isRemoved) return false
    const isUsable = this.#state.clock.now() < Math.max(replaces.staleUntil, replaces.fallbackUntil)
    return isUsable && (status >= 500 || REFUSED.has(status))
  }

  /** A refresh failed: what is stored stays for its windows, and the next try waits. */
  backOff({ request, flight: { replaces } }: SettledLease): void {
    if (replaces === undefined || replaces.isRemoved) return
    replaces.backOff(this.#state.clock.now())
    this.#state.emit({ type: 'backoff', target: request.view.target })
  }
}
