import { boundedBy, type Freshness, isStored } from '../rfc/freshness.ts'
import type { StoreClient } from '../../fleet/store-client.ts'
import type { HttpState } from './http-state.ts'
import { entryKey, primaryEntryKey } from '../request/keyed-request.ts'
import type { NewRecord, SharedLease } from '../../fleet/shared-store.ts'
import type { Failure, SettledLease } from './lease-owner.ts'
import { userTag } from '../response/response-tags.ts'
import { failedWith } from './clone-error.ts'
import { recordOf } from '../response/shared-response.ts'
import { handleFrom } from '../options/response-handle.ts'
import { type ReceivedResponse, receive } from '../response/received-response.ts'
import { type MadeResponse, StoredResponse } from '../response/stored-response.ts'
import type { WholeResponse } from '../contract/contract.ts'

type ReceivedWhole = ReceivedResponse & Pick<WholeResponse, 'body'>

/** Statuses that refuse the client, and say nothing about the stored response. */
const REFUSED = new Set([401, 403, 429])

function isFailure(status: number): boolean {
  return status >= 500 || REFUSED.has(status)
}

/** An error of the handler, and the known part of the framework's answer to it. */
export interface Thrown {
  readonly error: unknown
  /** The key of the entry. */
  readonly key: string
  readonly failure: Failure
  /** Whether it may be stored, or replace a response: the flight was neither detached nor fenced. */
  readonly isCurrent: boolean
}

/** A shareable answer. */
export interface ResolvedResponse {
  readonly made: MadeResponse
  readonly variant: string
  /** The headers that the answers of its primary key vary on. */
  readonly vary: readonly string[]
  readonly freshness: Freshness
}

/** Stores answers, and decides which responses remain after a failure. */
export class ResponseStorage {
  readonly #state: HttpState

  constructor(state: HttpState) {
    this.#state = state
  }

  /**
   * Ends a flight whose answer is complete, and stores the answer in place of the existing response. A failure never
   * replaces a response that may still be served.
   */
  keep(lease: SettledLease, response: StoredResponse, resolved: ResolvedResponse): void {
    const { lease: shared } = lease.flight
    const { fleet } = this.#state
    if (shared === undefined || fleet === undefined) this.#keepHere(lease, response, resolved)
    else lease.flight.publishing = this.#keepInFleet({ shared, fleet }, lease, response, resolved)
  }

  /** Until the commit is acknowledged, new requests join the flight and get the response, if it satisfies them. */
  async #keepInFleet(
    { shared, fleet }: { readonly shared: SharedLease; readonly fleet: StoreClient },
    lease: SettledLease,
    response: StoredResponse,
    resolved: ResolvedResponse,
  ): Promise<void> {
    const { flight, request } = lease
    const { waitTimeout } = request.policy
    try {
      if (this.#isFailedRefresh(lease, response.status)) {
        if (response.status >= 500) shared.fail(failedWith(response.status))
        else shared.pass(0, 'process')
        return this.#keepHere(lease, response, resolved)
      }
      flight.streaming = response
      // From now on requests get the new response, and not the old one again if the store refuses the new one.
      if (flight.isCurrent) this.#state.store.retire(response.key)
      flight.overdueAt = this.#state.clock.now() + waitTimeout
      const committed = await fleet.commit(shared, this.#recordOf(lease, response, resolved), waitTimeout)
      if (committed === 'fenced') this.#state.flights.leave(flight)
      const kept = committed === 'unknown' ? this.#shortened(response, resolved, fleet.degradedTtl) : response
      this.#keepHere(lease, kept, resolved)
    } catch (error) {
      shared.release()
      this.#state.flights.leave(flight)
      this.#state.emit({ type: 'error', target: request.view.target, error })
    }
  }

  /** A response that is not in the store has a short lifetime. */
  #shortened(response: StoredResponse, { made, freshness }: ResolvedResponse, ms: number): StoredResponse {
    const stale = boundedBy(this.#state.clock.now() + ms - made.now, freshness)
    return new StoredResponse({ ...made, body: response.wholeBody, lifetime: stale.lifetime, stale })
  }

  #recordOf({ flight, request }: SettledLease, response: StoredResponse, resolved: ResolvedResponse): NewRecord {
    const { made, vary, freshness } = resolved
    const isKept = isStored(freshness) && flight.isCurrent
    // Under the primary key, a process that does not know the Vary finds it in this record.
    const other = response.key === flight.sharedKey ? primaryEntryKey(request) : response.key
    const left = response.freshUntil - this.#state.clock.now()
    const windowOf = (ms: number): number => Math.max(0, ms + Math.min(0, left))
    const windows = {
      staleWhileRevalidate: windowOf(freshness.staleWhileRevalidate),
      staleIfError: windowOf(freshness.staleIfError),
    }
    const isOfUse = left > 0 || windows.staleWhileRevalidate > 0 || windows.staleIfError > 0
    return {
      ...recordOf(made, response, vary),
      // A response that is stale on arrival is stored for its windows; a lifetime of 0 would be for waiting requests
      // only.
      ttl: isKept && isOfUse ? Math.max(1, left) : 0,
      ...windows,
      duration: 0,
      alias: other === flight.sharedKey ? undefined : other,
    }
  }

  #keepHere(lease: SettledLease, response: StoredResponse, { variant, freshness }: ResolvedResponse): void {
    const { clock, store, keyMemory } = this.#state
    const { target } = lease.request.view
    if (!this.#state.leave(lease.flight)) {
      if (isStored(freshness)) this.#state.emit({ type: 'fence', target })
      return
    }
    if (this.#isFailedRefresh(lease, response.status)) return this.backOff(lease)
    const now = clock.now()
    if (isStored(freshness) && now < response.goneAt && this.#state.add(response)) {
      keyMemory.markStorable(variant)
      this.#state.emit({ type: 'store', target, ttl: response.freshUntil - now })
    } else if (isToValidate(response, freshness) && this.#state.add(response)) {
      keyMemory.markStorable(variant)
    } else if (lease.flight.conditions === '') {
      // An answer to a client's own conditions says nothing about responses that others stored in the meantime.
      keyMemory.markUnstorable(variant)
      store.delete(response.key)
    }
  }

  /** Stores a response that is not shared, for revalidation by each request. */
  keepForValidation({ request, flight: { tags } }: SettledLease, received: ReceivedWhole, variant: string): void {
    const key = entryKey(request.view.method, variant)
    const stored = new StoredResponse({ ...received, key, tags, lifetime: 0 })
    if (stored.canBeValidated) this.#state.add(stored)
  }

  /** Caches the handler's error, for as long as it, or `errorTtl`, states. Returns whether it did. */
  #keepThrown(lease: SettledLease, { error, key, failure, isCurrent }: Thrown): boolean {
    const { request, flight } = lease
    const { status, headers, freshness } = failure
    if (!isCurrent || flight.isSolo || this.#isFailedRefresh(lease, status)) return false
    if (freshness === undefined || freshness.lifetime <= 0 || status < 400) return false
    const { policy, view } = request
    flight.addTags(handleFrom(request.handle)?.tags.map(userTag) ?? [])
    const received = receive({ status, headers, before: new Map(), body: null }, policy, this.#state.clock)
    const { lifetime } = boundedBy(flight.maxTtl, freshness)
    const stored = new StoredResponse({
      ...received,
      key,
      body: null,
      tags: flight.tags,
      lifetime,
      thrown: { error },
    })
    if (!this.#state.add(stored)) return false
    this.#state.emit({ type: 'store', target: view.target, ttl: lifetime })
    return true
  }

  /** The handler threw: a failure, or an answer such as 404, which is not stored and removes the existing response. */
  threw(lease: SettledLease, thrown: Thrown): void {
    if (this.#keepThrown(lease, thrown)) return
    const status = thrown.isCurrent ? thrown.failure.status : 500
    const { replaces, sharedKey } = lease.flight
    if (replaces === undefined || replaces.isRemoved || isFailure(status)) return this.backOff(lease)
    this.#state.store.delete(replaces.key)
    const { fleet } = this.#state
    if (fleet === undefined) return
    for (const key of new Set([replaces.key, sharedKey, primaryEntryKey(lease.request)])) void fleet.invalidate(key)
  }

  #isFailedRefresh({ flight: { replaces } }: SettledLease, status: number): boolean {
    if (replaces === undefined || replaces.isRemoved) return false
    const isUsable = this.#state.clock.now() < Math.max(replaces.staleUntil, replaces.fallbackUntil)
    return isUsable && isFailure(status)
  }

  /** A refresh failed: the stored response remains for its windows, and the next attempt waits. */
  backOff({ request, flight: { replaces } }: SettledLease): void {
    if (replaces === undefined || replaces.isRemoved) return
    replaces.backOff(this.#state.clock.now())
    this.#state.emit({ type: 'backoff', target: request.view.target, reason: 'failed' })
  }
}

/**
 * Never fresh by its own headers, as with `max-age=0`, but with a validator: stored for revalidation (RFC 9111
 * s4.3.1).
 */
function isToValidate({ canBeValidated }: StoredResponse, { joinedFor }: Freshness): boolean {
  return canBeValidated && joinedFor <= 0
}
