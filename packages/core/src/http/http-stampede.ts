import { type FullClock, resolveClock } from '../clock.ts'
import { Flights } from '../flights.ts'
import { MemoryStore } from '../memory-store.ts'
import { outcomeOf } from './cache-status.ts'
import type { HttpEvent } from './events.ts'
import { combined } from './headers.ts'
import { HttpFlight, type Landing } from './http-flight.ts'
import { HttpLease, type LeaseOwner } from './http-lease.ts'
import { type HttpOptions, type HttpPolicy, policyOf, resolveHttpOptions, type RouteOptions } from './http-options.ts'
import type { HttpCounts, HttpStats } from './http-stats.ts'
import { primaryKey } from './key.ts'
import { entryKey, flightKey, type KeyedRequest, variantOf } from './keyed-request.ts'
import { bypassReason, conditionsOf } from './participation.ts'
import { Remembered } from './remembered.ts'
import { replayedHeaders, variesOn } from './snapshot.ts'
import { judge } from './storable.ts'
import { StoredResponse } from './stored-response.ts'
import type { Answer, OriginResponse, Outcome, RequestView, Turn } from './types.ts'

/** The key / fetch / replay contract for HTTP: what an adapter maps its framework's lifecycle onto. */
export class HttpStampede {
  readonly #options: Required<HttpOptions>
  readonly #policy: HttpPolicy
  readonly #clock: FullClock
  readonly #store: MemoryStore<StoredResponse>
  readonly #flights = new Flights<HttpFlight>()
  readonly #remembered = new Remembered()
  readonly #counts: HttpCounts = { hits: 0, misses: 0, collapsed: 0, bypasses: 0, errors: 0 }

  /** @throws {OptionError} for a wrong option, naming it */
  constructor(options?: HttpOptions) {
    this.#options = resolveHttpOptions(options)
    this.#policy = policyOf(this.#options, undefined, '', '')
    this.#clock = resolveClock(this.#options.clock)
    this.#store = new MemoryStore(this.#options.maxEntries ?? 0, this.#options.maxBytes ?? 0)
  }

  /**
   * What holds for one route: its options over those of the instance. Give it to `open` as the policy.
   *
   * @param origin where the route's options stand, for errors
   * @param scope tells apart routes of one target, where the framework has such; part of every key
   * @throws {OptionError} for a wrong value or an unknown name
   */
  policy(route: RouteOptions | undefined, origin = '', scope = ''): HttpPolicy {
    return policyOf(this.#options, route, origin, scope)
  }

  /**
   * What this request is to do: at once, or, for a follower, when that is known. Rejects only with the error of the
   * handler that the request waited for.
   */
  open(view: RequestView, policy: HttpPolicy = this.#policy): Turn | Promise<Turn> {
    try {
      const reason = bypassReason(view, policy)
      if (reason !== undefined) return this.#bypass(view, policy, reason)
      const key = primaryKey(view, policy)
      if (key === null) return this.#bypass(view, policy, 'key')
      return this.#answer({ view, policy, key, conditions: conditionsOf(view), arrivedAt: this.#clock.now() })
    } catch (error) {
      this.#emit({ type: 'error', target: view.target, error })
      return this.#bypass(view, policy, 'error')
    }
  }

  /** `open` for lifecycles that can be wrapped: `forward` runs the handler, whole body and all. */
  async run(
    view: RequestView,
    forward: () => OriginResponse | Promise<OriginResponse>,
    policy: HttpPolicy = this.#policy,
  ): Promise<Answer> {
    const turn = await this.open(view, policy)
    if (turn.kind === 'replay') return { kind: 'replayed', response: turn.response, outcome: turn.outcome }
    if (turn.kind === 'bypass') return { kind: 'forwarded', origin: await forward(), outcome: turn.outcome }
    try {
      const origin = await forward()
      const tapped = turn.lease.snapshot(origin)
      turn.lease.fulfill()
      return {
        kind: 'forwarded',
        origin: tapped === undefined ? origin : { ...origin, body: tapped },
        outcome: turn.outcome,
      }
    } catch (error) {
      turn.lease.fail(error)
      throw error
    }
  }

  /** Drops all that is stored, and fences what is in flight: it answers those who wait and is not stored. */
  clear(): void {
    this.#store.clear()
    this.#flights.forgetAll()
    this.#remembered.forgetUnshared()
  }

  stats(): HttpStats {
    return {
      ...this.#counts,
      evictions: this.#store.evictions,
      entries: this.#store.size,
      bytes: this.#store.bytes,
      flights: this.#flights.size,
    }
  }

  #bypass(view: RequestView, policy: HttpPolicy, reason: string): Turn {
    this.#counts.bypasses += 1
    this.#emit({ type: 'bypass', target: view.target, reason })
    const forward =
      reason === 'method' ? ({ forward: 'method' } as const) : ({ forward: 'bypass', detail: reason } as const)
    return { kind: 'bypass', outcome: outcomeOf(policy, { kind: 'bypass', ...forward }) }
  }

  #answer(request: KeyedRequest): Turn | Promise<Turn> {
    const vary = this.#remembered.varyOf(request.key)
    const variant = variantOf(request, vary)
    const now = this.#clock.now()
    const { isExpired, stored } = this.#lookUp(request, variant, now)
    if (stored !== undefined) return this.#replay(request, stored, now)
    const key = flightKey(request.view.method, request, variant)
    if (this.#remembered.isUnshared(key, now)) return this.#leadAlone(request, key, 'unshared')
    const flight = this.#flights.current(flightKey('GET', request, variant), now) ?? this.#flights.current(key, now)
    if (flight !== undefined) return this.#follow(request, flight)
    const missed = vary.length === 0 ? 'uri-miss' : 'miss'
    return this.#lead(request, new HttpFlight(key), isExpired ? 'stale' : missed)
  }

  /** A HEAD is answered from a stored GET too (RFC 9110 s9.3.2). */
  #lookUp(
    request: KeyedRequest,
    variant: string,
    now: number,
  ): { readonly isExpired: boolean; readonly stored: StoredResponse | undefined } {
    let isExpired = false
    for (const method of new Set(['GET', request.view.method])) {
      const key = entryKey(method, variant)
      isExpired ||= this.#store.peek(key) !== undefined
      const stored = this.#store.get(key, now)
      if (stored !== undefined) return { isExpired: false, stored }
    }
    return { isExpired, stored: undefined }
  }

  #replay(request: KeyedRequest, stored: StoredResponse, now: number): Turn {
    this.#counts.hits += 1
    this.#emit({ type: 'hit', target: request.view.target })
    const outcome = outcomeOf(request.policy, { kind: 'hit' }, stored.freshUntil - now)
    return { kind: 'replay', response: stored.replayFor(request.view, now), outcome }
  }

  async #follow(request: KeyedRequest, flight: HttpFlight): Promise<Turn> {
    const { target } = request.view
    this.#emit({ type: 'follow', target })
    return this.#landed(
      request,
      await flight.follow(request, this.#clock, () => this.#emit({ type: 'deadline', target })),
      flight,
    )
  }

  #landed(request: KeyedRequest, landing: Landing, followed: HttpFlight): Turn | Promise<Turn> {
    if (landing.kind === 'again') return this.#answer(request)
    if (landing.kind === 'alone') return this.#leadAlone(request, followed.key, landing.reason)
    if (landing.kind === 'lead') return this.#lead(request, landing.flight, 'uri-miss')
    this.#counts.collapsed += 1
    const outcome = outcomeOf(request.policy, { kind: 'collapsed', forward: 'uri-miss' })
    return { kind: 'replay', response: landing.stored.replayFor(request.view, this.#clock.now()), outcome }
  }

  /** A flight that was promoted stands in the table already. */
  #lead(request: KeyedRequest, flight: HttpFlight, forward: NonNullable<Outcome['forward']>): Turn {
    this.#place(request, flight)
    const lease = this.#leaseOf(request, flight)
    flight.limit(
      this.#clock,
      request.policy.deadline,
      () => this.#timeOut(lease),
      () => lease.cancelIfUnwanted(),
    )
    return { kind: 'lead', lease, outcome: outcomeOf(request.policy, { kind: 'miss', forward }) }
  }

  /** Puts a flight into the table, unless its key has another one, or this one already. */
  #place({ policy }: KeyedRequest, flight: HttpFlight): void {
    const now = this.#clock.now()
    if (this.#flights.current(flight.key, now) === undefined) this.#flights.lead(flight, now + policy.deadline)
  }

  #leadAlone(request: KeyedRequest, key: string, detail: string): Turn {
    const lease = this.#leaseOf(request, new HttpFlight(key, true))
    return { kind: 'lead', lease, outcome: outcomeOf(request.policy, { kind: 'miss', forward: 'uri-miss', detail }) }
  }

  #leaseOf(request: KeyedRequest, flight: HttpFlight): HttpLease {
    this.#counts.misses += 1
    this.#emit({ type: 'lead', target: request.view.target })
    return new HttpLease(request, flight, this.#owner)
  }

  /** The flight is detached: the key is free, and those who wait do so until their own deadlines. */
  #timeOut(lease: HttpLease): void {
    if (this.#flights.leave(lease.flight)) this.#emit({ type: 'timeout', target: lease.request.view.target })
    lease.cancelIfUnwanted()
  }

  readonly #owner: LeaseOwner = {
    judge: (request, origin, headers, bodyBytes) =>
      judge(
        { status: origin.status, headers },
        {
          sharedAuthorization:
            request.policy.credentials === 'share' && request.view.header('authorization') !== undefined,
          conditional: request.conditions !== '',
          bodyBytes,
          maxBodyBytes: request.policy.maxBodyBytes,
          defaultLifetime: (status, lines) =>
            request.policy.lifetime({ status, header: name => combined(lines, name.toLowerCase()) }),
          wallNow: Date.now(),
        },
      ),
    isCurrent: flight => this.#flights.isCurrent(flight),
    report: (request, error) => this.#emit({ type: 'error', target: request.view.target, error }),
    landed: (lease, origin, body, lifetime) => this.#land(lease.request, lease.flight, origin, body, lifetime),
    declined: ({ request, flight }, reason) => {
      this.#emit({ type: 'decline', target: request.view.target, reason })
      if (flight.isSolo || this.#flights.leave(flight)) this.#remembered.markUnshared(flight.key, this.#clock.now())
      for (const follower of flight.release()) follower.land({ kind: 'alone', reason })
    },
    failed: ({ request, flight }, error) => {
      this.#counts.errors += 1
      this.#emit({ type: 'fail', target: request.view.target, error })
      this.#flights.leave(flight)
      for (const follower of flight.release()) follower.fail(error)
    },
    abandoned: ({ request, flight }) => this.#handOver(request, flight),
  }

  #land(
    request: KeyedRequest,
    flight: HttpFlight,
    origin: OriginResponse,
    body: Uint8Array | string | null,
    lifetime: number,
  ): void {
    // Shareable after all: the next requests may wait for one another again.
    this.#remembered.markShared(flight.key)
    if (flight.isSolo) return
    const headers = replayedHeaders(origin, request.policy.omitHeaders, new Date())
    const vary = this.#remembered.learnVary(
      request.key,
      variesOn(headers, origin.headers, request.view.header('origin')),
    )
    const variant = variantOf(request, vary)
    const key = entryKey(request.view.method, variant)
    const stored = new StoredResponse(key, origin, headers, body, this.#clock.now(), lifetime)
    if (this.#flights.leave(flight) && lifetime > 0 && this.#store.set(key, stored)) {
      this.#emit({ type: 'store', target: request.view.target, ttl: lifetime })
    }
    for (const follower of flight.release()) {
      const isSame = variantOf(follower.request, vary) === variant
      follower.land(isSame ? { kind: 'replay', stored } : { kind: 'again' })
    }
  }

  #handOver(request: KeyedRequest, flight: HttpFlight): void {
    this.#flights.leave(flight)
    const promoted = flight.promote(request.view.method)
    if (promoted === undefined) {
      for (const follower of flight.release()) follower.land({ kind: 'again' })
      return
    }
    this.#emit({ type: 'promote', target: request.view.target })
    this.#place(promoted.leader.request, promoted.flight)
    promoted.leader.land({ kind: 'lead', flight: promoted.flight })
  }

  /** What a listener throws is its own affair, and nobody's answer may depend on it. */
  #emit(event: HttpEvent): void {
    try {
      const returned: unknown = this.#options.onEvent?.(event)
      if (returned instanceof Promise) returned.catch(() => {})
    } catch {
      // Contained on purpose: there is nobody to tell.
    }
  }
}
