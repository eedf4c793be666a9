import { fallbackOutcome, outcomeOf } from './cache-status.ts'
import { takesStale } from './client-directives.ts'
import { type Freshness, isStored, NOT_STORED } from './freshness.ts'
import { combined } from './headers.ts'
import type { LeaseOwner, SettledLease } from './http-lease.ts'
import type { HttpState } from './http-state.ts'
import { entryKey, type KeyedRequest, variantOf } from './keyed-request.ts'
import { replayedHeaders, variesOn } from './snapshot.ts'
import { judge, type Verdict } from './storable.ts'
import { StoredResponse } from './stored-response.ts'
import type { HeaderLines, OriginResponse, ReplayTurn, WholeResponse } from './types.ts'

/** Verdicts after which what was stored before is not what the origin says any more. */
const OUTDATING = new Set([
  'set-cookie',
  'no-store',
  'private',
  'vary',
  'authorization',
  'validate',
  'event-stream',
  'size',
])

interface Placed {
  readonly variant: string
  readonly freshness: Freshness
}

/** What becomes of a lease: what is stored of it, and what those who waited are to do. */
export class HttpSettlement implements LeaseOwner {
  readonly #state: HttpState

  constructor(state: HttpState) {
    this.#state = state
  }

  judge(
    { request: { policy, view }, flight }: SettledLease,
    { status }: OriginResponse,
    headers: HeaderLines,
    bodyBytes: number | undefined,
  ): Verdict {
    return judge(
      { status, headers },
      {
        sharedAuthorization: policy.credentials === 'share' && view.header('authorization') !== undefined,
        conditional: flight.conditions !== '',
        bodyBytes,
        maxBodyBytes: policy.maxBodyBytes,
        defaultLifetime: (of, lines) =>
          policy.lifetime({ status: of, header: name => combined(lines, name.toLowerCase()) }),
        staleWhileRevalidate: policy.staleWhileRevalidate,
        staleIfError: policy.staleIfError,
        wallNow: Date.now(),
      },
    )
  }

  report({ view }: KeyedRequest, error: unknown): void {
    this.#state.emit({ type: 'error', target: view.target, error })
  }

  replay(lease: SettledLease, origin: WholeResponse): ReplayTurn {
    const { request, flight } = lease
    const { clock } = this.#state
    const made = this.#make(lease, origin, request.key, NOT_STORED)
    const outcome = outcomeOf(request.policy, { kind: 'miss', forward: flight.forward, forwardStatus: 304 })
    return { kind: 'replay', response: made.replayFor(request.view, clock.now()), outcome }
  }

  fallback({ request, flight }: SettledLease, status: number): ReplayTurn | undefined {
    const { replaces } = flight
    const now = this.#state.clock.now()
    // RFC 5861 s4. What was invalidated since is no answer any more.
    const isUsable = replaces !== undefined && !replaces.isRemoved && now < replaces.fallbackUntil
    if (status < 500 || !isUsable || request.demands.noCache) return undefined
    this.#state.counts.staleHits += 1
    this.#state.emit({ type: 'stale', target: request.view.target })
    return { kind: 'replay', response: replaces.replayFor(request.view, now), outcome: fallbackOutcome(request.policy) }
  }

  landed(lease: SettledLease, origin: OriginResponse, body: Uint8Array | string | null, freshness: Freshness): void {
    const { request, flight } = lease
    const { remembered } = this.#state
    // Shareable after all: the next requests may wait for one another again.
    remembered.markShared(flight.key)
    if (flight.isSolo) return
    const headers = replayedHeaders(origin, request.policy.omitHeaders, new Date())
    const vary = remembered.learnVary(request.key, variesOn(headers, origin.headers, request.view.header('origin')))
    const variant = variantOf(request, vary)
    const stored = this.#make(lease, { ...origin, body }, variant, freshness)
    if (this.#state.flights.leave(flight)) this.#keep(lease, stored, { variant, freshness })
    for (const follower of flight.release()) {
      const isSame = variantOf(follower.request, vary) === variant
      follower.land(isSame ? { kind: 'replay', stored } : { kind: 'again' })
    }
  }

  declined(lease: SettledLease, reason: string): void {
    const { request, flight } = lease
    const { flights, remembered, clock, store } = this.#state
    this.#state.emit({ type: 'decline', target: request.view.target, reason })
    const isCurrent = flights.leave(flight)
    if (flight.isSolo || isCurrent) remembered.markUnshared(flight.key, clock.now())
    // What is stored is not what the origin says any more.
    if (isCurrent && flight.replaces !== undefined && OUTDATING.has(reason)) store.delete(flight.replaces.key)
    else this.#backOff(lease)
    for (const follower of flight.release()) follower.land({ kind: 'alone', reason })
  }

  fellBack(lease: SettledLease, error: unknown): void {
    const { request, flight } = lease
    this.#state.counts.errors += 1
    this.#state.emit({ type: 'fail', target: request.view.target, error })
    this.#state.flights.leave(flight)
    this.#backOff(lease)
    const { replaces: stored } = flight
    for (const follower of flight.release()) {
      const takesIt = stored !== undefined && takesStale(follower.request.demands)
      follower.land(takesIt ? { kind: 'fallback', stored } : { kind: 'alone', reason: 'failed' })
    }
  }

  failed(lease: SettledLease, error: unknown): void {
    const { request, flight } = lease
    this.#state.counts.errors += 1
    this.#state.emit({ type: 'fail', target: request.view.target, error })
    this.#state.flights.leave(flight)
    this.#backOff(lease)
    for (const follower of flight.release()) follower.fail(error)
  }

  abandoned({ request, flight }: SettledLease): void {
    const { flights } = this.#state
    flights.leave(flight)
    const promoted = flight.promote(request.view.method)
    if (promoted === undefined) {
      for (const follower of flight.release()) follower.land({ kind: 'again' })
      return
    }
    this.#state.emit({ type: 'promote', target: request.view.target })
    this.#state.place(promoted.leader.request, promoted.flight)
    promoted.leader.land({ kind: 'lead', flight: promoted.flight })
  }

  #make({ request }: SettledLease, origin: WholeResponse, variant: string, freshness: Freshness): StoredResponse {
    return new StoredResponse({
      key: entryKey(request.view.method, variant),
      origin,
      headers: replayedHeaders(origin, request.policy.omitHeaders, new Date()),
      body: origin.body,
      lifetime: freshness.lifetime,
      stale: freshness,
      now: this.#state.clock.now(),
    })
  }

  /** Stores what may be stored, in place of what was there; a failure never in place of what may still be given. */
  #keep(lease: SettledLease, stored: StoredResponse, { variant, freshness }: Placed): void {
    const { store, remembered } = this.#state
    if (this.#isFailedRefresh(lease, stored.status)) return this.#backOff(lease)
    const { target } = lease.request.view
    if (isStored(freshness) && store.set(stored)) {
      remembered.markStorable(variant)
      this.#state.emit({ type: 'store', target, ttl: freshness.lifetime })
    } else if (lease.flight.conditions === '') {
      // An answer to somebody's own conditions says nothing of what others stored meanwhile.
      remembered.markUnstorable(variant)
      store.delete(stored.key)
    }
  }

  #isFailedRefresh({ flight: { replaces } }: SettledLease, status: number): boolean {
    if (replaces === undefined || replaces.isRemoved) return false
    const isUsable = this.#state.clock.now() < Math.max(replaces.staleUntil, replaces.fallbackUntil)
    return isUsable && (status >= 500 || REFUSED.has(status))
  }

  #backOff({ request, flight: { replaces } }: SettledLease): void {
    if (replaces === undefined || replaces.isRemoved) return
    replaces.backOff(this.#state.clock.now())
    this.#state.emit({ type: 'backoff', target: request.view.target })
  }
}

/** They refuse whoever asked, and say nothing of what is stored. */
const REFUSED = new Set([401, 403, 429])
