import { REENTRANT, unavailable } from './fixed-decisions.ts'
import { bypassOutcome, fallbackOutcome, outcomeOf } from '../response/cache-status.ts'
import { mayJoin, satisfies } from '../request/request-directives.ts'
import { FleetFlights, type FleetAnswer } from '../fleet/fleet-flights.ts'
import { FleetSettlement } from '../fleet/fleet-settlement.ts'
import { HttpFlight, type FollowerOutcome } from '../flight/http-flight.ts'
import { HttpLease } from '../flight/http-lease.ts'
import { cloneErrorWith, rejectionOf } from '../flight/clone-error.ts'
import type { HttpSettlement } from '../flight/http-settlement.ts'
import type { HttpState } from '../flight/http-state.ts'
import { entryKey, flightKey, flightKeys, type KeyedRequest } from '../request/keyed-request.ts'
import type { RefreshTicket } from '../flight/refresh.ts'
import { type Placed, placeOf } from './placement.ts'
import { StaleDecider } from './stale-decider.ts'
import type { StoredResponse } from '../response/stored-response.ts'
import { answeredFor } from '../invalidate/unsafe-methods.ts'
import type { ReplayedResponse, Decision } from '../contract/contract.ts'

/** Decides what a request that takes part must do. */
export class Decider {
  readonly #state: HttpState
  readonly #settlement: HttpSettlement
  readonly #stale: StaleDecider
  readonly #fleet: FleetFlights | undefined
  /** Settles flights whose handler ran in another process. */
  readonly #elsewhere: FleetSettlement

  constructor(state: HttpState, settlement: HttpSettlement) {
    this.#state = state
    this.#settlement = settlement
    this.#stale = new StaleDecider(state)
    this.#elsewhere = new FleetSettlement(state, settlement)
    this.#fleet = state.fleet && new FleetFlights(state, state.fleet)
  }

  decide(request: KeyedRequest, now: number = this.#state.clock.now()): Decision | Promise<Decision> {
    this.#state.bypassDetector.tookPart()
    const placed = placeOf(this.#state, request, now)
    const { stored } = placed
    if (stored !== undefined && satisfies(stored, request.directives, now)) return this.#replay(placed, stored)
    if (this.#comesAgain(placed)) return REENTRANT
    if (stored === undefined)
      return this.#fleet !== undefined && this.#isForStored(placed)
        ? this.#look(request, this.#fleet)
        : this.#goForward(placed)
    return this.#stale.decide(placed, stored) ?? this.#goForward(placed)
  }

  /** A request of Stampede's own leads, if it is still needed. */
  decideRefresh(request: KeyedRequest, ticket: RefreshTicket): Decision | Promise<Decision> {
    if (ticket.owner !== this.#state) return this.decide(request)
    const now = this.#state.clock.now()
    const { variant } = placeOf(this.#state, request, now)
    const key = flightKey(request.view.method, '', variant)
    const isNeeded =
      ticket.take(entryKey(request.view.method, variant)) && this.#state.flightFor(key, now) === undefined
    return isNeeded
      ? this.#depart(request, new HttpFlight({ key, conditions: '', forward: 'stale', replaces: ticket.stored }))
      : this.decide(request)
  }

  bypass({ view, policy }: Pick<KeyedRequest, 'view' | 'policy'>, reason: string): Decision {
    this.#state.counts.bypasses += 1
    if (this.#state.hasListeners) this.#state.emit({ type: 'bypass', target: view.target, reason })
    const reasons = this.#state.bypassDetector.bypassed(reason)
    if (reasons !== undefined) this.#state.emit({ type: 'all-bypassed', target: '*', reasons })
    const outcome = bypassOutcome(policy, reason)
    return { kind: 'bypass', outcome, answered: answeredFor(view, policy.methods, this.#state) }
  }

  #replay({ request, vary, variant, now }: Placed, stored: StoredResponse): Decision | Promise<Decision> {
    this.#state.counts.hits += 1
    if (this.#state.hasListeners) this.#state.emit({ type: 'hit', target: request.view.target })
    const outcome = stored.hitAt(request.policy, now)
    if (stored.thrown !== undefined) return rejectionOf(stored.thrown.error, outcome)
    const { view, policy, key, plain, recent } = request
    if (plain === true && recent === undefined && vary.length === 0)
      this.#state.recentKeys.remember(view, policy, { key, variant, entry: stored.key })
    return { kind: 'replay', response: plain ? stored.replayWhole(view, now) : stored.replayFor(view, now), outcome }
  }

  #goForward(placed: Placed): Decision | Promise<Decision> {
    const { request, vary, variant, stored, isExpired, now } = placed
    // RFC 9111 s5.2.1.7
    if (request.directives.onlyIfCached) return unavailable(request)
    if (request.view.header('range') !== undefined) return this.bypass(request, 'range')
    const { keyMemory } = this.#state
    const { method } = request.view
    // A storable response is requested without the client's conditions.
    const isHidden = stored !== undefined || keyMemory.isStorable(variant)
    const conditions = isHidden ? '' : request.conditions
    const key = flightKey(method, conditions, variant)
    const missed = vary.length === 0 ? 'uri-miss' : 'miss'
    const departure = { key, conditions, forward: isExpired ? 'stale' : missed, replaces: stored } as const
    if (keyMemory.isUnshared(key, now))
      return this.#lead(request, new HttpFlight({ ...departure, isSolo: true }), 'unshared')
    const joined = this.#join(request, flightKeys(request, variant, conditions), now)
    if (joined !== undefined) return joined
    // The streaming response of the key continues for its readers; the stored response is the newer one.
    this.#state.flights.forget(key)
    return this.#depart(request, new HttpFlight(departure))
  }

  /** Whether the request would wait for itself. */
  #comesAgain({ request, variant, now }: Placed): boolean {
    return flightKeys(request, variant).some(key => this.#state.flightFor(key, now)?.isLedBy(request) === true)
  }

  /** Whether a request accepts a stored response of any process, and otherwise concerns this process alone. */
  #isForStored({ request, variant }: Placed): boolean {
    const { directives, view, conditions, hasAskedStore } = request
    if (hasAskedStore === true || request.policy.isLocal) return false
    const isPartial = conditions !== '' && !this.#state.keyMemory.isStorable(variant)
    return directives.onlyIfCached || view.header('range') !== undefined || isPartial
  }

  async #look(request: KeyedRequest, fleet: FleetFlights): Promise<Decision> {
    await fleet.look(request)
    return this.decide({ ...request, hasAskedStore: true })
  }

  /** Makes the request the leader of this process; with a shared store, asks the fleet first. */
  #depart(request: KeyedRequest, flight: HttpFlight): Decision | Promise<Decision> {
    // An answer to a client's own conditions is for this process alone.
    return this.#fleet === undefined || flight.conditions !== '' || request.policy.isLocal
      ? this.#lead(request, flight)
      : this.#departInFleet(request, flight, this.#fleet)
  }

  async #departInFleet(request: KeyedRequest, flight: HttpFlight, fleet: FleetFlights): Promise<Decision> {
    this.#state.place(request, flight)
    const decision: FleetAnswer = await fleet.ask(request, flight)
    if (decision.kind === 'lead') {
      // The handler has its whole time limit, however long the store took.
      flight.overdueAt = this.#state.clock.now() + request.policy.waitTimeout
      return this.#lead(request, flight)
    }
    if (decision.kind === 'resolved') {
      this.#elsewhere.resolved(request, flight, decision.response, decision.now)
      return this.#replayShared(request, flight, decision)
    }
    if (decision.kind === 'failed') return this.#elsewhere.failed(request, flight, decision.error)
    if (decision.kind === 'again') {
      this.#elsewhere.outdated(flight)
      return this.decide(request)
    }
    this.#elsewhere.passed(request, flight)
    const { key, conditions, forward } = flight
    return this.#lead(request, new HttpFlight({ key, conditions, forward, isSolo: true }), 'unshared')
  }

  #replayShared(
    request: KeyedRequest,
    flight: HttpFlight,
    { response, collapsed, now }: Extract<FleetAnswer, { readonly kind: 'resolved' }>,
  ): Decision {
    this.#state.counts.sharedHits += 1
    this.#state.emit({ type: 'shared', target: request.view.target, collapsed })
    if (collapsed) return this.#collapse(request, response.replayFor(request.view, now), flight)
    this.#state.counts.hits += 1
    const outcome = response.hitAt(request.policy, now)
    return { kind: 'replay', response: response.replayFor(request.view, now), outcome }
  }

  /** Waits for the answer of a flight with one of these keys; joins its body at once if that is streaming. */
  #join(request: KeyedRequest, keys: readonly string[], now: number): Decision | Promise<Decision> | undefined {
    for (const flight of keys.map(key => this.#state.flightFor(key, now))) {
      const isOfUse = flight?.streaming === undefined || mayJoin(flight.streaming, request.directives, now)
      if (flight !== undefined && isOfUse) {
        this.#state.emit({ type: 'follow', target: request.view.target })
        return flight.streaming === undefined
          ? this.#follow(request, flight)
          : this.#collapse(request, flight.streaming.replayFor(request.view, now), flight)
      }
      // Only after the commit is the lease free for another run.
      if (flight?.publishing !== undefined) return flight.publishing.then(() => this.decide(request))
    }
    return undefined
  }

  async #follow(request: KeyedRequest, flight: HttpFlight): Promise<Decision> {
    const onDeadline = (): void => this.#state.emit({ type: 'deadline', target: request.view.target })
    const outcome = await flight
      .follow(request, this.#state.clock, this.#state.missedBy(flight), onDeadline)
      .catch((error: unknown) => {
        throw cloneErrorWith(error, outcomeOf(request.policy, { kind: 'collapsed', forward: flight.forward }))
      })
    return this.#resolved(request, outcome, flight)
  }

  #resolved(request: KeyedRequest, outcome: FollowerOutcome, flight: HttpFlight): Decision | Promise<Decision> {
    if (outcome.kind === 'again') return this.decide(request)
    if (outcome.kind === 'lead') return this.#lead(request, outcome.flight)
    if (outcome.kind === 'replay') return this.#collapse(request, outcome.response, flight)
    const { key, conditions, forward } = flight
    if (outcome.kind === 'alone')
      return this.#lead(request, new HttpFlight({ key, conditions, forward, isSolo: true }), outcome.reason)
    const response = outcome.stored.replayFor(request.view, this.#state.clock.now())
    return { kind: 'replay', response, outcome: fallbackOutcome(request.policy) }
  }

  #collapse(request: KeyedRequest, response: ReplayedResponse, { forward }: HttpFlight): Decision {
    this.#state.counts.collapsed += 1
    return { kind: 'replay', response, outcome: outcomeOf(request.policy, { kind: 'collapsed', forward }) }
  }

  /** A promoted flight is in the table already. */
  #lead(request: KeyedRequest, flight: HttpFlight, detail?: string): Decision {
    this.#state.counts.misses += 1
    this.#state.emit({ type: 'lead', target: request.view.target })
    flight.leader = request.view.message
    const lease = new HttpLease(request, flight, this.#settlement)
    if (!flight.isSolo) this.#limit(lease)
    const outcome = { kind: 'miss', forward: flight.forward, ...(detail && { detail }) } as const
    return { kind: 'lead', lease, outcome: outcomeOf(request.policy, outcome) }
  }

  #limit(lease: HttpLease): void {
    const { flight, request } = lease
    this.#state.place(request, flight)
    flight.limit(
      this.#state.clock,
      request.policy.waitTimeout,
      () => this.#timeOut(lease),
      () => lease.dropIfUnwanted(),
    )
  }

  /** Detaches the flight: the key is free, and followers wait until their own time limits. */
  #timeOut(lease: HttpLease): void {
    lease.flight.lease?.release()
    if (this.#state.flights.leave(lease.flight))
      this.#state.emit({ type: 'timeout', target: lease.request.view.target })
    lease.dropIfUnwanted()
  }
}
