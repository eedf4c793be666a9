import { outcomeOf } from './cache-status.ts'
import type { HttpControls } from './http-controls.ts'
import { HttpFlight, type Landing } from './http-flight.ts'
import { HttpLease } from './http-lease.ts'
import { type HttpOptions, type ResolvedHttpOptions, resolveHttpOptions, type RouteOptions } from './http-options.ts'
import { type HttpPolicy, policyOf } from './http-policy.ts'
import { HttpSettlement } from './http-settlement.ts'
import { HttpState } from './http-state.ts'
import type { HttpStats } from './http-stats.ts'
import { primaryKey } from './key.ts'
import { entryKey, flightKey, type KeyedRequest, variantOf } from './keyed-request.ts'
import { bypassReason, conditionsOf } from './participation.ts'
import type { StoredResponse } from './stored-response.ts'
import type { Answer, OriginResponse, Outcome, ReplayedResponse, RequestView, Turn } from './types.ts'

/** The key / fetch / replay contract for HTTP: what an adapter maps its framework's lifecycle onto. */
export class HttpStampede {
  readonly #options: ResolvedHttpOptions
  readonly #policy: HttpPolicy
  readonly #state: HttpState
  readonly #settlement: HttpSettlement
  readonly #met = new WeakSet<object>()
  /** What an adapter gives to the app. */
  readonly controls: HttpControls = { stats: () => this.stats(), clear: () => this.clear() }

  /** @throws {OptionError} for a wrong option, naming it */
  constructor(options?: HttpOptions) {
    this.#options = resolveHttpOptions(options)
    this.#policy = policyOf(this.#options, undefined, '', '')
    this.#state = new HttpState(this.#options)
    this.#settlement = new HttpSettlement(this.#state)
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
   * Whether a request, known by an object that its framework makes for it, comes here for the first time. One that comes
   * again, as where an app uses one middleware twice, is not to be opened: it would wait for itself.
   */
  meets(request: object): boolean {
    const isFirst = !this.#met.has(request)
    this.#met.add(request)
    return isFirst
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
      return this.#answer({ view, policy, key, conditions: conditionsOf(view), arrivedAt: this.#state.clock.now() })
    } catch (error) {
      this.#state.emit({ type: 'error', target: view.target, error })
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
    this.#state.store.clear()
    this.#state.flights.forgetAll()
    this.#state.remembered.forgetUnshared()
  }

  stats(): HttpStats {
    return {
      ...this.#state.counts,
      evictions: this.#state.store.evictions,
      entries: this.#state.store.size,
      bytes: this.#state.store.bytes + this.#state.arriving.reserved,
      flights: this.#state.flights.size,
    }
  }

  #bypass(view: RequestView, policy: HttpPolicy, reason: string): Turn {
    this.#state.counts.bypasses += 1
    this.#state.emit({ type: 'bypass', target: view.target, reason })
    const forward =
      reason === 'method' ? ({ forward: 'method' } as const) : ({ forward: 'bypass', detail: reason } as const)
    return { kind: 'bypass', outcome: outcomeOf(policy, { kind: 'bypass', ...forward }) }
  }

  #answer(request: KeyedRequest): Turn | Promise<Turn> {
    const vary = this.#state.remembered.varyOf(request.key)
    const variant = variantOf(request, vary)
    const now = this.#state.clock.now()
    const { isExpired, stored } = this.#lookUp(request, variant, now)
    if (stored !== undefined) return this.#replay(request, stored, now)
    const key = flightKey(request.view.method, request, variant)
    if (this.#state.remembered.isUnshared(key, now)) return this.#leadAlone(request, key, 'unshared')
    const flight = this.#flightFor(request, variant, now)
    if (flight !== undefined) return this.#join(request, flight, now)
    const missed = vary.length === 0 ? 'uri-miss' : 'miss'
    return this.#lead(request, new HttpFlight(key), isExpired ? 'stale' : missed)
  }

  #flightFor(request: KeyedRequest, variant: string, now: number): HttpFlight | undefined {
    const { flights } = this.#state
    for (const method of ['GET', request.view.method]) {
      const flight = flights.current(flightKey(method, request, variant), now)
      if (flight !== undefined) return flight
    }
    // What is on its way to others meets this one's conditions as a stored response would.
    const plain = flights.current(flightKey('GET', { ...request, conditions: '' }, variant), now)
    return plain?.arriving === undefined ? undefined : plain
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
      isExpired ||= this.#state.store.peek(key) !== undefined
      const stored = this.#state.store.get(key, now)
      if (stored !== undefined) return { isExpired: false, stored }
    }
    return { isExpired, stored: undefined }
  }

  #replay(request: KeyedRequest, stored: StoredResponse, now: number): Turn {
    this.#state.counts.hits += 1
    this.#state.emit({ type: 'hit', target: request.view.target })
    const outcome = outcomeOf(request.policy, { kind: 'hit' }, stored.freshUntil - now)
    return { kind: 'replay', response: stored.replayFor(request.view, now), outcome }
  }

  /** Waits for the flight's answer; where its body is on its way, it has that at once. */
  #join(request: KeyedRequest, flight: HttpFlight, now: number): Turn | Promise<Turn> {
    this.#state.emit({ type: 'follow', target: request.view.target })
    const { arriving } = flight
    return arriving === undefined
      ? this.#follow(request, flight)
      : this.#collapse(request, arriving.replayFor(request.view, now))
  }

  async #follow(request: KeyedRequest, flight: HttpFlight): Promise<Turn> {
    const { target } = request.view
    return this.#landed(
      request,
      await flight.follow(request, this.#state.clock, () => this.#state.emit({ type: 'deadline', target })),
      flight,
    )
  }

  #landed(request: KeyedRequest, landing: Landing, followed: HttpFlight): Turn | Promise<Turn> {
    if (landing.kind === 'again') return this.#answer(request)
    if (landing.kind === 'alone') return this.#leadAlone(request, followed.key, landing.reason)
    if (landing.kind === 'lead') return this.#lead(request, landing.flight, 'uri-miss')
    return this.#collapse(request, landing.response)
  }

  #collapse(request: KeyedRequest, response: ReplayedResponse): Turn {
    this.#state.counts.collapsed += 1
    return { kind: 'replay', response, outcome: outcomeOf(request.policy, { kind: 'collapsed', forward: 'uri-miss' }) }
  }

  /** A flight that was promoted stands in the table already. */
  #lead(request: KeyedRequest, flight: HttpFlight, forward: NonNullable<Outcome['forward']>): Turn {
    this.#state.place(request, flight)
    const lease = this.#leaseOf(request, flight)
    flight.limit(
      this.#state.clock,
      request.policy.deadline,
      () => this.#timeOut(lease),
      () => lease.dropIfUnwanted(),
    )
    return { kind: 'lead', lease, outcome: outcomeOf(request.policy, { kind: 'miss', forward }) }
  }

  #leadAlone(request: KeyedRequest, key: string, detail: string): Turn {
    const lease = this.#leaseOf(request, new HttpFlight(key, true))
    return { kind: 'lead', lease, outcome: outcomeOf(request.policy, { kind: 'miss', forward: 'uri-miss', detail }) }
  }

  #leaseOf(request: KeyedRequest, flight: HttpFlight): HttpLease {
    this.#state.counts.misses += 1
    this.#state.emit({ type: 'lead', target: request.view.target })
    return new HttpLease(request, flight, this.#settlement)
  }

  /** The flight is detached: the key is free, and those who wait do so until their own deadlines. */
  #timeOut(lease: HttpLease): void {
    if (this.#state.flights.leave(lease.flight))
      this.#state.emit({ type: 'timeout', target: lease.request.view.target })
    lease.dropIfUnwanted()
  }
}
