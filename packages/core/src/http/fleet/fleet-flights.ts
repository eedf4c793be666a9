import { within } from '../../base/clock.ts'
import type { StoreClient } from '../../fleet/store-client.ts'
import type { Acquire, SharedRecord, AcquireResult } from '../../fleet/shared-store.ts'
import { satisfies } from '../request/request-directives.ts'
import { HttpFlight } from '../flight/http-flight.ts'
import type { HttpState } from '../flight/http-state.ts'
import {
  answeringMethods,
  entryKey,
  type KeyedRequest,
  methodOfEntry,
  primaryEntryKey,
  variantOf,
} from '../request/keyed-request.ts'
import { responseOf, varyIn } from '../response/shared-response.ts'
import { StoredResponse } from '../response/stored-response.ts'

/** A store that never answers must not hold a request forever: its time limit, as a multiple of `waitTimeout`. */
const PATIENCE = 2

/** What the fleet says about a flight. */
export type FleetAnswer =
  /** This process must run the handler, with or without a lease. */
  | { readonly kind: 'lead' }
  /** The answer of another process, for the leader and all followers of the same variant. */
  | { readonly kind: 'resolved'; readonly response: StoredResponse; readonly collapsed: boolean; readonly now: number }
  /** Something was learned that changes the key: ask again. */
  | { readonly kind: 'again' }
  /** Another process ran the handler, and it failed. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The answer cannot be shared. */
  | { readonly kind: 'alone' }

const AGAIN: FleetAnswer = { kind: 'again' }
const LEAD: FleetAnswer = { kind: 'lead' }

/** What a record is good for. */
type Use = { readonly decision: FleetAnswer } | { readonly reject: string | undefined }

/** The part of a flight that the fleet shares: which process runs the handler, and what the others get. */
export class FleetFlights {
  readonly #state: HttpState
  readonly #fleet: StoreClient
  #looks = 0

  constructor(state: HttpState, fleet: StoreClient) {
    this.#state = state
    this.#fleet = fleet
  }

  /** Asks the store for the answer of a flight, in bounded time. The flight is in the table meanwhile. */
  ask(request: KeyedRequest, flight: HttpFlight): Promise<FleetAnswer> {
    return new Promise(resolve => {
      const inquiry = { isOver: false }
      const goOn = (): void => {
        inquiry.isOver = true
        this.#state.emit({ type: 'degrade', target: '*', reason: 'the store took too long' })
        resolve(this.#leadHere(flight))
      }
      const turned = (decision: FleetAnswer): void => {
        // By then the time limit is that of its leader.
        if (inquiry.isOver) return
        flight.stopLimit()
        resolve(decision)
      }
      flight.limit(this.#state.clock, request.policy.waitTimeout * PATIENCE, goOn, () => {})
      this.#ask(request, flight, inquiry).then(turned, (error: unknown) => {
        this.#state.emit({ type: 'error', target: request.view.target, error })
        turned(this.#leadHere(flight))
      })
    })
  }

  /** Loads the stored response of a request into the memory of this process, in bounded time. */
  async look(request: KeyedRequest): Promise<void> {
    try {
      const until = this.#state.clock.now() + request.policy.waitTimeout * PATIENCE
      // The first record may only state the Vary.
      if (await this.#findsAnother(request, until)) await this.#findsAnother(request, until)
    } catch (error) {
      this.#state.emit({ type: 'error', target: request.view.target, error })
    }
  }

  /** Loads the record; returns whether it was of another variant. */
  async #findsAnother(request: KeyedRequest, until: number): Promise<boolean> {
    const variant = variantOf(request, this.#state.keyMemory.varyOf(request.key))
    const { clock } = this.#state
    let isAnother = false
    for (const method of answeringMethods(request.view.method)) {
      this.#looks += 1
      // No request joins it; it is in the table so that it can be fenced.
      const flight = new HttpFlight({ key: `look ${this.#looks}`, conditions: '', forward: 'uri-miss' })
      this.#state.place(request, flight)
      try {
        const key = entryKey(method, variant)
        const record = await within(clock, this.#fleet.read(key), 'late' as const, until - clock.now())
        if (record === 'late') {
          this.#state.emit({ type: 'degrade', target: '*', reason: 'the store took too long' })
          return false
        }
        const found = record && this.#found(request, flight, record, key)
        isAnother ||= found === 'another'
        if (found !== undefined && found !== 'another') this.#keep(flight, found)
      } finally {
        this.#state.flights.leave(flight)
      }
    }
    return isAnother
  }

  async #ask(request: KeyedRequest, flight: HttpFlight, inquiry: { readonly isOver: boolean }): Promise<FleetAnswer> {
    const { policy, view } = request
    const vary = this.#state.keyMemory.varyOf(request.key)
    const variant = variantOf(request, vary)
    let reject: string | undefined
    for (const method of answeringMethods(view.method)) {
      const key = entryKey(method, variant)
      const record = await this.#fleet.read(key)
      const use = record === undefined ? undefined : this.#use(request, flight, record, key)
      if (use !== undefined && 'decision' in use) return use.decision
      flight.sharedKey = key
      reject = use?.reject
    }
    if (vary.length > 0 && (await this.#learnsMore(request, vary))) return AGAIN
    // A body may take its time; a head that does not arrive in time ends the lease here.
    const wait = Math.max(0, request.arrivedAt + policy.waitTimeout - this.#state.clock.now())
    const asked: Acquire = { reject, timeout: Number.POSITIVE_INFINITY, wait, isWanted: () => !inquiry.isOver }
    const decision = await this.#fleet.acquire(flight.sharedKey, asked)
    if (!inquiry.isOver) return this.#decision(request, flight, decision)
    if (decision.kind === 'lead') decision.lease.release()
    return LEAD
  }

  /** Whether another process knows of more headers in Vary, and therefore uses another key. */
  async #learnsMore(request: KeyedRequest, known: readonly string[]): Promise<boolean> {
    const record = await this.#fleet.read(primaryEntryKey(request))
    const names = record && varyIn(record, request.view.method)
    return names !== undefined && this.#state.keyMemory.learnVary(request.key, names) !== known
  }

  #decision(request: KeyedRequest, flight: HttpFlight, decision: AcquireResult): FleetAnswer {
    if (decision.kind === 'hit') return this.#hit(request, flight, decision.record, decision.collapsed)
    if (decision.kind === 'fail') return { kind: 'failed', error: decision.error }
    if (decision.kind === 'pass') return decision.each === 'caller' ? { kind: 'alone' } : LEAD
    if (decision.kind !== 'lead') return this.#leadHere(flight)
    if (flight.isCurrent) flight.lease = decision.lease
    // It was fenced or timed out in the meantime: no process must wait for its answer.
    else decision.lease.release()
    return LEAD
  }

  /** Continues without the store; the answer is kept only for `degradedTtl`. */
  #leadHere(flight: HttpFlight): FleetAnswer {
    flight.maxTtl = this.#fleet.degradedTtl
    return LEAD
  }

  /** An answer that another process made while this one waited is for all waiting requests, as in one process. */
  #hit(request: KeyedRequest, flight: HttpFlight, record: SharedRecord, collapsed: boolean): FleetAnswer {
    const found = this.#found(request, flight, record, flight.sharedKey)
    if (found === 'another') return AGAIN
    // A record is judged by its age, also if it could not be read before.
    const isGood = found !== undefined && (collapsed || satisfies(found, request.directives, this.#state.clock.now()))
    return isGood ? this.#landed(found, collapsed) : this.#leadHere(flight)
  }

  /** What a record under a key is good for. */
  #use(request: KeyedRequest, flight: HttpFlight, record: SharedRecord, key: string): Use {
    const found = this.#found(request, flight, record, key)
    if (found === 'another') return { decision: AGAIN }
    const now = this.#state.clock.now()
    if (found !== undefined && satisfies(found, request.directives, now))
      return { decision: this.#landed(found, false) }
    const isNews = found !== undefined && flight.replaces === undefined
    return isNews && this.#keepStale(flight, found, now) ? { decision: AGAIN } : { reject: record.version }
  }

  /** The response of a record, if it is new and readable; `another`: of another variant. */
  #found(
    request: KeyedRequest,
    { replaces }: HttpFlight,
    record: SharedRecord,
    key: string,
  ): StoredResponse | 'another' | undefined {
    const isNews = record.version !== replaces?.version
    const shared = isNews ? responseOf(record, methodOfEntry(key), this.#state.clock.now()) : undefined
    if (shared === undefined) return undefined
    const vary = this.#state.keyMemory.learnVary(request.key, shared.vary)
    const own = entryKey(methodOfEntry(key), variantOf(request, vary))
    return own === key || record.isFor(own) ? new StoredResponse({ ...shared.made, key: own }) : 'another'
  }

  #landed(response: StoredResponse, collapsed: boolean): FleetAnswer {
    return { kind: 'resolved', response, collapsed, now: this.#state.clock.now() }
  }

  /** For its windows: a request that asks again finds it. */
  #keepStale(flight: HttpFlight, response: StoredResponse, now: number): boolean {
    return now < Math.max(response.staleUntil, response.fallbackUntil) && this.#keep(flight, response)
  }

  #keep(flight: HttpFlight, response: StoredResponse): boolean {
    flight.addTags(response.tags)
    return this.#state.leave(flight) && this.#state.add(response)
  }
}
