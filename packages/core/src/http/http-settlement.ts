import { combined } from './headers.ts'
import type { HttpFlight } from './http-flight.ts'
import type { LeaseOwner, SettledLease } from './http-lease.ts'
import type { HttpState } from './http-state.ts'
import { entryKey, type KeyedRequest, variantOf } from './keyed-request.ts'
import { replayedHeaders, variesOn } from './snapshot.ts'
import { judge, type Verdict } from './storable.ts'
import { StoredResponse } from './stored-response.ts'
import type { HeaderLines, OriginResponse } from './types.ts'

/** What becomes of a lease: what is stored of it, and what those who waited are to do. */
export class HttpSettlement implements LeaseOwner {
  readonly #state: HttpState

  constructor(state: HttpState) {
    this.#state = state
  }

  judge(
    { policy, view, conditions }: KeyedRequest,
    { status }: OriginResponse,
    headers: HeaderLines,
    bodyBytes: number | undefined,
  ): Verdict {
    return judge(
      { status, headers },
      {
        sharedAuthorization: policy.credentials === 'share' && view.header('authorization') !== undefined,
        conditional: conditions !== '',
        bodyBytes,
        maxBodyBytes: policy.maxBodyBytes,
        defaultLifetime: (of, lines) =>
          policy.lifetime({ status: of, header: name => combined(lines, name.toLowerCase()) }),
        wallNow: Date.now(),
      },
    )
  }

  isCurrent(flight: HttpFlight): boolean {
    return flight.isCurrent
  }

  report({ view }: KeyedRequest, error: unknown): void {
    this.#state.emit({ type: 'error', target: view.target, error })
  }

  landed(
    { request, flight }: SettledLease,
    origin: OriginResponse,
    body: Uint8Array | string | null,
    lifetime: number,
  ): void {
    const { remembered, clock, flights, store } = this.#state
    // Shareable after all: the next requests may wait for one another again.
    remembered.markShared(flight.key)
    if (flight.isSolo) return
    const headers = replayedHeaders(origin, request.policy.omitHeaders, new Date())
    const vary = remembered.learnVary(request.key, variesOn(headers, origin.headers, request.view.header('origin')))
    const variant = variantOf(request, vary)
    const key = entryKey(request.view.method, variant)
    const stored = new StoredResponse({ key, origin, headers, body, lifetime, now: clock.now() })
    if (flights.leave(flight) && lifetime > 0 && store.set(stored)) {
      this.#state.emit({ type: 'store', target: request.view.target, ttl: lifetime })
    }
    for (const follower of flight.release()) {
      const isSame = variantOf(follower.request, vary) === variant
      follower.land(isSame ? { kind: 'replay', stored } : { kind: 'again' })
    }
  }

  declined({ request, flight }: SettledLease, reason: string): void {
    const { flights, remembered, clock } = this.#state
    this.#state.emit({ type: 'decline', target: request.view.target, reason })
    if (flight.isSolo || flights.leave(flight)) remembered.markUnshared(flight.key, clock.now())
    for (const follower of flight.release()) follower.land({ kind: 'alone', reason })
  }

  failed({ request, flight }: SettledLease, error: unknown): void {
    this.#state.counts.errors += 1
    this.#state.emit({ type: 'fail', target: request.view.target, error })
    this.#state.flights.leave(flight)
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
}
