import { combined } from './headers.ts'
import { Arrival } from './arrival.ts'
import type { Landing } from './http-flight.ts'
import type { LandedBody, LeaseOwner, SettledLease } from './http-lease.ts'
import type { HttpState } from './http-state.ts'
import { entryKey, flightKey, type KeyedRequest, variantOf } from './keyed-request.ts'
import { type BodyEnd, type BodyMemory, SharedBody } from './shared-body.ts'
import { replayedHeaders, variesOn } from './snapshot.ts'
import { judge, type Verdict } from './storable.ts'
import { declaredLength, type MadeResponse, StoredResponse } from './stored-response.ts'
import type { HeaderLines, OriginResponse } from './types.ts'

const AGAIN: Landing = { kind: 'again' }

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

  get memory(): BodyMemory {
    return this.#state.arriving
  }

  report({ view }: KeyedRequest, error: unknown): void {
    this.#state.emit({ type: 'error', target: view.target, error })
  }

  landed(lease: SettledLease, origin: OriginResponse, body: LandedBody, lifetime: number): void {
    const { request, flight } = lease
    const { remembered, clock } = this.#state
    // Shareable after all: the next requests may wait for one another again.
    remembered.markShared(flight.key)
    if (flight.isSolo) return
    const headers = replayedHeaders(origin, request.policy.omitHeaders, new Date())
    const vary = remembered.learnVary(request.key, variesOn(headers, origin.headers, request.view.header('origin')))
    const variant = variantOf(request, vary)
    const key = entryKey(request.view.method, variant)
    const now = clock.now()
    const made: MadeResponse = { key, origin, headers, body, lifetime, now }
    const response = new StoredResponse(made)
    if (body instanceof SharedBody) this.#arrive(lease, variant, response)
    else this.#store(lease, response)
    // Each has its reader before the body goes on.
    for (const follower of flight.release()) {
      const isSame = variantOf(follower.request, vary) === variant
      follower.land(isSame ? { kind: 'replay', response: response.replayFor(follower.request.view, now) } : AGAIN)
    }
    if (body instanceof SharedBody) this.#share(lease, body, made)
  }

  /** Whoever comes now joins the flight, under the key of the variant that it turned out to be. */
  #arrive({ request, flight }: SettledLease, variant: string, response: StoredResponse): void {
    flight.arriving = response
    this.#state.rekey(request, flight, flightKey(request.view.method, request, variant))
  }

  #share(lease: SettledLease, body: SharedBody, made: MadeResponse): void {
    const arrival = new Arrival(this.#state, {
      lease,
      body,
      declaredBytes: declaredLength(made.origin.headers),
      isStorable: made.lifetime > 0,
      onEnd: end => this.#ended(lease, end, body, made),
    })
    body.share(arrival)
  }

  /** Those who waited have the body already, as far as it came: its readers see its end for themselves. */
  #ended(lease: SettledLease, end: BodyEnd, body: SharedBody, made: MadeResponse): void {
    const { request, flight } = lease
    const isStored = end.kind === 'whole' && made.lifetime > 0 && flight.isCurrent
    if (isStored) this.#store(lease, new StoredResponse({ ...made, body: body.takeWhole() }))
    else if (end.kind === 'length') this.declined(lease, end.kind)
    else if (end.kind === 'broken' && !request.view.isGone()) this.failed(lease, end.error)
    else if (this.#state.flights.leave(flight) && end.kind === 'overflow')
      this.#state.emit({ type: 'decline', target: request.view.target, reason: 'size' })
  }

  #store({ request, flight }: SettledLease, response: StoredResponse): void {
    const { flights, store, clock } = this.#state
    const ttl = response.freshUntil - clock.now()
    if (flights.leave(flight) && ttl > 0 && store.set(response)) {
      this.#state.emit({ type: 'store', target: request.view.target, ttl })
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
