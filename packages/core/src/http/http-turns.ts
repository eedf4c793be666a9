import { bypassOutcome, fallbackOutcome, outcomeOf } from './cache-status.ts'
import { satisfies, takesStale } from './client-directives.ts'
import { HttpFlight, type Landing } from './http-flight.ts'
import { HttpLease } from './http-lease.ts'
import type { HttpSettlement } from './http-settlement.ts'
import type { HttpState } from './http-state.ts'
import { answeringMethods, entryKey, flightKey, type KeyedRequest, variantOf } from './keyed-request.ts'
import { refreshRequest, RefreshTicket } from './refresh.ts'
import { methodOf, type StoredResponse } from './stored-response.ts'
import { answeredFor } from './unsafe.ts'
import type { RefreshRequest, ReplayedResponse, Turn } from './types.ts'

/** A request with the variant that it selects, and what is stored of that. */
interface Placed {
  readonly request: KeyedRequest
  readonly vary: readonly string[]
  readonly variant: string
  readonly stored: StoredResponse | undefined
  /** Whether something was stored, of use or not. */
  readonly isExpired: boolean
  readonly now: number
}

/** What a request that takes part is to do. */
export class HttpTurns {
  readonly #state: HttpState
  readonly #settlement: HttpSettlement

  constructor(state: HttpState, settlement: HttpSettlement) {
    this.#state = state
    this.#settlement = settlement
  }

  turnOf(request: KeyedRequest, now: number = this.#state.clock.now()): Turn | Promise<Turn> {
    this.#state.firstRequests.tookPart()
    const placed = this.#place(request, now)
    const { stored } = placed
    if (stored === undefined) return this.#goForward(placed)
    if (satisfies(stored, request.demands, now)) return this.#replay(placed, stored)
    return this.#giveStale(placed, stored) ?? this.#goForward(placed)
  }

  /** A request that Stampede sent itself leads, where it is still needed. */
  turnOfRefresh(request: KeyedRequest, ticket: RefreshTicket): Turn | Promise<Turn> {
    if (ticket.owner !== this.#state) return this.turnOf(request)
    const now = this.#state.clock.now()
    const { variant } = this.#place(request, now)
    const key = flightKey(request.view.method, '', variant)
    const isNeeded =
      ticket.take(entryKey(request.view.method, variant)) && this.#state.flightFor(key, now) === undefined
    return isNeeded
      ? this.#lead(request, new HttpFlight({ key, conditions: '', forward: 'stale', replaces: ticket.stored }))
      : this.turnOf(request)
  }

  bypass({ view, policy }: Pick<KeyedRequest, 'view' | 'policy'>, reason: string): Turn {
    this.#state.counts.bypasses += 1
    if (this.#state.isHeard) this.#state.emit({ type: 'bypass', target: view.target, reason })
    const reasons = this.#state.firstRequests.bypassed(reason)
    if (reasons !== undefined) this.#state.emit({ type: 'all-bypassed', target: '*', reasons })
    const outcome = bypassOutcome(policy, reason)
    return { kind: 'bypass', outcome, answered: answeredFor(view, policy.methods, this.#state) }
  }

  #place(request: KeyedRequest, now: number): Placed {
    const vary = this.#state.remembered.varyOf(request.key)
    const variant = variantOf(request, vary)
    const { store } = this.#state
    const { recent } = request
    let isExpired = false
    for (const method of answeringMethods(request.view.method)) {
      const key = recent !== undefined && vary.length === 0 ? recent.entry : entryKey(method, variant)
      isExpired ||= store.peek(key) !== undefined
      const stored = store.get(key, now)
      if (stored !== undefined) return { request, vary, variant, stored, isExpired, now }
    }
    return { request, vary, variant, stored: undefined, isExpired, now }
  }

  #replay({ request, vary, variant, now }: Placed, stored: StoredResponse): Turn {
    this.#state.counts.hits += 1
    if (this.#state.isHeard) this.#state.emit({ type: 'hit', target: request.view.target })
    const outcome = stored.hitAt(request.policy, now)
    const { view, policy, key, plain, recent } = request
    if (plain === true && recent === undefined && vary.length === 0)
      this.#state.recentKeys.remember(view, policy, { key, variant, entry: stored.key })
    return { kind: 'replay', response: plain ? stored.replayWhole(view, now) : stored.replayFor(view, now), outcome }
  }

  /** RFC 5861: within its windows; `undefined` where this request is to go forward. */
  #giveStale(placed: Placed, stored: StoredResponse): Turn | undefined {
    const { request, now } = placed
    if (!takesStale(request.demands)) return undefined
    // The handler failed a moment ago.
    const isFallback = now < stored.fallbackUntil && now < stored.retryAt
    if (isFallback || (now < stored.staleUntil && this.#isRefreshed(placed, stored)))
      return this.#replayStale(placed, stored)
    return undefined
  }

  #replayStale({ request, now }: Placed, stored: StoredResponse): Turn {
    this.#state.counts.staleHits += 1
    this.#state.emit({ type: 'stale', target: request.view.target })
    const outcome = outcomeOf(request.policy, { kind: 'stale' }, stored.freshUntil - now)
    return { kind: 'replay', response: stored.replayFor(request.view, now), outcome }
  }

  /** Whether the stale answer is refreshed, or about to be, by others; else this request is to do it. */
  #isRefreshed({ request, vary, variant, now }: Placed, stored: StoredResponse): boolean {
    if (now < stored.retryAt) return true
    const method = methodOf(stored)
    if (this.#state.flightFor(flightKey(method, '', variant), now) !== undefined) return true
    const asked = stored.isRefreshedInFront ? undefined : refreshRequest(request, stored, vary)
    if (asked !== undefined) void this.#refresh(request, stored, asked)
    // A HEAD, or a request for a range, cannot get the answer that is wanted.
    return asked !== undefined || request.view.method !== method || request.view.header('range') !== undefined
  }

  /** Where the request does not come back to here, the next one that finds the answer stale leads in front. */
  async #refresh({ view, policy }: KeyedRequest, stored: StoredResponse, asked: RefreshRequest): Promise<void> {
    const ticket = new RefreshTicket(this.#state, stored)
    // Nobody tries again while this one may still be on its way.
    stored.holdOff(this.#state.clock.now() + policy.deadline)
    this.#state.emit({ type: 'refresh', target: view.target })
    try {
      await view.refresh?.(asked, ticket)
    } catch (error) {
      this.#state.emit({ type: 'error', target: view.target, error })
    }
    if (ticket.isTaken) return
    stored.refreshInFront()
    this.#state.emit({ type: 'backoff', target: view.target })
  }

  #goForward(placed: Placed): Turn | Promise<Turn> {
    const { request, vary, variant, stored, isExpired, now } = placed
    // RFC 9111 s5.2.1.7
    if (request.demands.onlyIfCached) return unavailable(request)
    if (request.view.header('range') !== undefined) return this.bypass(request, 'range')
    const { remembered } = this.#state
    const { method } = request.view
    // What can be stored is asked for whole.
    const isHidden = stored !== undefined || remembered.isStorable(variant)
    const conditions = isHidden ? '' : request.conditions
    const key = flightKey(method, conditions, variant)
    const missed = vary.length === 0 ? 'uri-miss' : 'miss'
    const departure = { key, conditions, forward: isExpired ? 'stale' : missed, replaces: stored } as const
    if (remembered.isUnshared(key, now))
      return this.#lead(request, new HttpFlight({ ...departure, isSolo: true }), 'unshared')
    // What is asked for without conditions answers those with some, too.
    for (const joined of [...answeringMethods(method).map(of => flightKey(of, '', variant)), key]) {
      const flight = this.#state.flightFor(joined, now)
      if (flight !== undefined) return this.#join(request, flight, now)
    }
    return this.#lead(request, new HttpFlight(departure))
  }

  /** Waits for the flight's answer; where its body is on its way, it has that at once. */
  #join(request: KeyedRequest, flight: HttpFlight, now: number): Turn | Promise<Turn> {
    this.#state.emit({ type: 'follow', target: request.view.target })
    const { arriving } = flight
    if (arriving === undefined) return this.#follow(request, flight)
    return this.#collapse(request, arriving.replayFor(request.view, now), flight)
  }

  async #follow(request: KeyedRequest, flight: HttpFlight): Promise<Turn> {
    const { target } = request.view
    return this.#landed(
      request,
      await flight.follow(request, this.#state.clock, this.#state.missedBy(flight), () =>
        this.#state.emit({ type: 'deadline', target }),
      ),
      flight,
    )
  }

  #landed(request: KeyedRequest, landing: Landing, flight: HttpFlight): Turn | Promise<Turn> {
    if (landing.kind === 'again') return this.turnOf(request)
    if (landing.kind === 'lead') return this.#lead(request, landing.flight)
    if (landing.kind === 'replay') return this.#collapse(request, landing.response, flight)
    const { key, conditions, forward } = flight
    if (landing.kind === 'alone')
      return this.#lead(request, new HttpFlight({ key, conditions, forward, isSolo: true }), landing.reason)
    const response = landing.stored.replayFor(request.view, this.#state.clock.now())
    return { kind: 'replay', response, outcome: fallbackOutcome(request.policy) }
  }

  #collapse(request: KeyedRequest, response: ReplayedResponse, { forward }: HttpFlight): Turn {
    this.#state.counts.collapsed += 1
    return { kind: 'replay', response, outcome: outcomeOf(request.policy, { kind: 'collapsed', forward }) }
  }

  /** A flight that was promoted stands in the table already. */
  #lead(request: KeyedRequest, flight: HttpFlight, detail?: string): Turn {
    this.#state.counts.misses += 1
    this.#state.emit({ type: 'lead', target: request.view.target })
    const lease = new HttpLease(request, flight, this.#settlement)
    if (!flight.isSolo) this.#limit(lease)
    const { forward } = flight
    return {
      kind: 'lead',
      lease,
      outcome: outcomeOf(request.policy, { kind: 'miss', forward, ...(detail && { detail }) }),
    }
  }

  #limit(lease: HttpLease): void {
    const { flight, request } = lease
    this.#state.place(request, flight)
    flight.limit(
      this.#state.clock,
      request.policy.deadline,
      () => this.#timeOut(lease),
      () => lease.dropIfUnwanted(),
    )
  }

  /** The flight is detached: the key is free, and those who wait do so until their own deadlines. */
  #timeOut(lease: HttpLease): void {
    if (this.#state.flights.leave(lease.flight))
      this.#state.emit({ type: 'timeout', target: lease.request.view.target })
    lease.dropIfUnwanted()
  }
}

/** What a request that takes only what is stored gets where nothing is (RFC 9111 s5.2.1.7). */
function unavailable({ policy }: KeyedRequest): Turn {
  const outcome = outcomeOf(policy, { kind: 'miss', forward: 'request', detail: 'only-if-cached' })
  return { kind: 'replay', response: { status: 504, headers: [], body: '', byteLength: 0 }, outcome }
}
