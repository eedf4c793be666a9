import { OptionError } from '../errors.ts'
import type { Reach } from '../reports.ts'
import { outcomeOf } from './cache-status.ts'
import { controlsOf, type HttpControls } from './http-controls.ts'
import { HttpFlight, type Landing } from './http-flight.ts'
import { HttpLease } from './http-lease.ts'
import {
  type HttpOptions,
  type ResolvedHttpOptions,
  resolveHttpOptions,
  resolveSharedOptions,
  type RouteOptions,
} from './http-options.ts'
import { type HttpPolicy, policyOf } from './http-policy.ts'
import { HttpSettlement } from './http-settlement.ts'
import { HttpState } from './http-state.ts'
import type { HttpStats } from './http-stats.ts'
import { primaryKey } from './key.ts'
import { entryKey, flightKey, type KeyedRequest, variantOf } from './keyed-request.ts'
import { bypassReason, conditionsOf } from './participation.ts'
import type { ResponseHandle } from './response-handle.ts'
import type { StoredResponse } from './stored-response.ts'
import type { Answer, OriginResponse, Outcome, RequestView, Turn } from './types.ts'
import { answeredFor } from './unsafe.ts'

/** The key / fetch / replay contract for HTTP: what an adapter maps its framework's lifecycle onto. */
export class HttpStampede {
  readonly #options: ResolvedHttpOptions
  readonly #policy: HttpPolicy
  readonly #state: HttpState
  readonly #settlement: HttpSettlement
  /** What an adapter gives to the app. */
  readonly controls: HttpControls

  /**
   * With the option `instance`, the same instance as that one, with options of its own for its requests.
   *
   * @throws {OptionError} for a wrong option, naming it
   */
  constructor(options?: HttpOptions) {
    const shared = sharedBy(options)
    this.#options = shared === undefined ? resolveHttpOptions(options) : resolveSharedOptions(shared.#options, options)
    this.#policy = policyOf(this.#options, undefined, '', '')
    this.#state = shared === undefined ? new HttpState(this.#options) : shared.#state
    this.#settlement = new HttpSettlement(this.#state)
    this.controls = controlsOf(this.#state)
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
    const { met } = this.#state
    const isFirst = !met.has(request)
    met.add(request)
    return isFirst
  }

  /**
   * What this request is to do: at once, or, for a follower, when that is known. Rejects only with the error of the
   * handler that the request waited for.
   *
   * @param handle what the handler is given to speak of its own answer: one for a request, whoever opens it
   */
  open(view: RequestView, policy: HttpPolicy = this.#policy, handle?: ResponseHandle): Turn | Promise<Turn> {
    try {
      const reason = bypassReason(view, policy)
      if (reason !== undefined) return this.#bypass(view, policy, reason)
      const key = primaryKey(view, policy)
      if (key === null) return this.#bypass(view, policy, 'key')
      const arrivedAt = this.#state.clock.now()
      return this.#answer({ view, policy, key, conditions: conditionsOf(view), arrivedAt, handle })
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

  /** The turn of a request to a route that takes no part: nothing is said of it. */
  pass(view: RequestView): Turn {
    return { kind: 'bypass', outcome: { kind: 'bypass', headers: [] }, answered: answeredFor(view, [], this.#state) }
  }

  /** Drops what is stored for a path: see {@link HttpControls}. */
  invalidate(path: string): Promise<Reach> {
    return this.controls.invalidate(path)
  }

  /** Drops what bears one of the tags: see {@link HttpControls}. */
  invalidateTags(...tags: readonly string[]): Promise<Reach> {
    return this.controls.invalidateTags(...tags)
  }

  /** Drops all that is stored: see {@link HttpControls}. */
  clear(): Promise<Reach> {
    return this.controls.clear()
  }

  stats(): HttpStats {
    return this.controls.stats()
  }

  #bypass(view: RequestView, policy: HttpPolicy, reason: string): Turn {
    this.#state.counts.bypasses += 1
    this.#state.emit({ type: 'bypass', target: view.target, reason })
    const forward =
      reason === 'method' ? ({ forward: 'method' } as const) : ({ forward: 'bypass', detail: reason } as const)
    const outcome = outcomeOf(policy, { kind: 'bypass', ...forward })
    return { kind: 'bypass', outcome, answered: answeredFor(view, policy.methods, this.#state) }
  }

  #answer(request: KeyedRequest): Turn | Promise<Turn> {
    const vary = this.#state.remembered.varyOf(request.key)
    const variant = variantOf(request, vary)
    const now = this.#state.clock.now()
    const { isExpired, stored } = this.#lookUp(request, variant, now)
    if (stored !== undefined) return this.#replay(request, stored, now)
    const key = flightKey(request.view.method, request, variant)
    if (this.#state.remembered.isUnshared(key, now)) return this.#leadAlone(request, key, 'unshared')
    const flight = this.#state.flightFor(flightKey('GET', request, variant), now) ?? this.#state.flightFor(key, now)
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

  async #follow(request: KeyedRequest, flight: HttpFlight): Promise<Turn> {
    const { target } = request.view
    this.#state.emit({ type: 'follow', target })
    return this.#landed(
      request,
      await flight.follow(request, this.#state.clock, this.#state.missedBy(flight), () =>
        this.#state.emit({ type: 'deadline', target }),
      ),
      flight,
    )
  }

  #landed(request: KeyedRequest, landing: Landing, followed: HttpFlight): Turn | Promise<Turn> {
    if (landing.kind === 'again') return this.#answer(request)
    if (landing.kind === 'alone') return this.#leadAlone(request, followed.key, landing.reason)
    if (landing.kind === 'lead') return this.#lead(request, landing.flight, 'uri-miss')
    this.#state.counts.collapsed += 1
    const outcome = outcomeOf(request.policy, { kind: 'collapsed', forward: 'uri-miss' })
    return { kind: 'replay', response: landing.stored.replayFor(request.view, this.#state.clock.now()), outcome }
  }

  /** A flight that was promoted stands in the table already. */
  #lead(request: KeyedRequest, flight: HttpFlight, forward: NonNullable<Outcome['forward']>): Turn {
    this.#state.place(request, flight)
    const lease = this.#leaseOf(request, flight)
    flight.limit(
      this.#state.clock,
      request.policy.deadline,
      () => this.#timeOut(lease),
      () => lease.cancelIfUnwanted(),
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
    lease.cancelIfUnwanted()
  }
}

/** The instance that the options name, where they name one. */
function sharedBy(options: HttpOptions | undefined): HttpStampede | undefined {
  const instance: unknown = options?.instance
  if (instance === undefined || instance instanceof HttpStampede) return instance
  throw new OptionError('instance', instance, 'an HttpStampede of this very copy of @stampede/core/http')
}
