import { combined } from './headers.ts'
import type { HttpFlight } from './http-flight.ts'
import type { LeaseOwner, SettledLease } from './http-lease.ts'
import type { HttpState } from './http-state.ts'
import { entryKey, type KeyedRequest, variantOf } from './keyed-request.ts'
import { tagMark } from './marks.ts'
import { overruled } from './response-handle.ts'
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
    { policy, view, conditions, handle }: KeyedRequest,
    { status }: OriginResponse,
    headers: HeaderLines,
    bodyBytes: number | undefined,
  ): Verdict {
    const verdict = judge(
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
    return overruled(verdict, status, handle)
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
    const { remembered, clock } = this.#state
    // Shareable after all: the next requests may wait for one another again.
    remembered.markShared(flight.key)
    if (flight.isSolo) return
    const headers = replayedHeaders(origin, request.policy.omitHeaders, new Date())
    const vary = remembered.learnVary(request.key, variesOn(headers, origin.headers, request.view.header('origin')))
    const variant = variantOf(request, vary)
    const key = entryKey(request.view.method, variant)
    flight.bear(request.handle?.tags.map(tagMark) ?? [])
    const { marks } = flight
    const stored = new StoredResponse({ key, origin, headers, body, marks, lifetime, now: clock.now() })
    this.#state.keep(stored, flight, lifetime, request.view.target)
    for (const follower of flight.release()) {
      // Who came after an invalidation gets no answer from before it.
      const isOutdated = follower.missed.some(mark => marks.includes(mark))
      const isSame = !isOutdated && variantOf(follower.request, vary) === variant
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
