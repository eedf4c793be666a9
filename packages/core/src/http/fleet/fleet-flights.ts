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

/** A store that never answers must not hold a request for ever: what it may take, as a multiple of `waitTimeout`. */
const PATIENCE = 2

/** What the fleet says of a flight. */
export type FleetAnswer =
  /** This process is to run the handler; the flight may have a lease. */
  | { readonly kind: 'lead' }
  /** An answer of another process, for the flight's leader and for all who follow of the same variant. */
  | { readonly kind: 'resolved'; readonly response: StoredResponse; readonly collapsed: boolean; readonly now: number }
  /** Something was learned that makes it another question: ask anew. */
  | { readonly kind: 'again' }
  /** Another process ran the handler, and it failed. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** It can be shared with nobody. */
  | { readonly kind: 'alone' }

const AGAIN: FleetAnswer = { kind: 'again' }
const LEAD: FleetAnswer = { kind: 'lead' }

/** What a record is good for. */
type Use = { readonly decision: FleetAnswer } | { readonly reject: string | undefined }

/** The part of a flight that all processes take: who runs the handler, and what the others get of it. */
export class FleetFlights {
  readonly #state: HttpState
  readonly #fleet: StoreClient
  #looks = 0

  constructor(state: HttpState, fleet: StoreClient) {
    this.#state = state
    this.#fleet = fleet
  }

  /** Asks for a flight's answer, in bounded time; the flight stands in the table meanwhile. */
  ask(request: KeyedRequest, flight: HttpFlight): Promise<FleetAnswer> {
    return new Promise(resolve => {
      const inquiry = { isOver: false }
      const goOn = (): void => {
        inquiry.isOver = true
        this.#state.emit({ type: 'degrade', target: '*', reason: 'the store took too long' })
        resolve(this.#leadHere(flight))
      }
      const turned = (decision: FleetAnswer): void => {
        // By then its time is that of its leader.
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

  /** Takes what is stored for a request into this process's memory, in bounded time. */
  async look(request: KeyedRequest): Promise<void> {
    try {
      const until = this.#state.clock.now() + request.policy.waitTimeout * PATIENCE
      // The first record may only say what the answers vary on.
      if (await this.#findsAnother(request, until)) await this.#findsAnother(request, until)
    } catch (error) {
      this.#state.emit({ type: 'error', target: request.view.target, error })
    }
  }

  /** Takes what is there; returns whether it was another variant's. */
  async #findsAnother(request: KeyedRequest, until: number): Promise<boolean> {
    const variant = variantOf(request, this.#state.keyMemory.varyOf(request.key))
    const { clock } = this.#state
    let isAnother = false
    for (const method of answeringMethods(request.view.method)) {
      this.#looks += 1
      // Joined by nobody; it stands in the table to be fenced.
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
    // A body may take its time; a head that does not come in time ends the lease here.
    const wait = Math.max(0, request.arrivedAt + policy.waitTimeout - this.#state.clock.now())
    const asked: Acquire = { reject, timeout: Number.POSITIVE_INFINITY, wait, isWanted: () => !inquiry.isOver }
    const decision = await this.#fleet.acquire(flight.sharedKey, asked)
    if (!inquiry.isOver) return this.#decision(request, flight, decision)
    if (decision.kind === 'lead') decision.lease.release()
    return LEAD
  }

  /** Whether others know of more that the answers vary on, and so ask by another key. */
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
    // It was fenced, or took too long, meanwhile: nobody is to wait for what it yields.
    else decision.lease.release()
    return LEAD
  }

  /** As if there were no fleet; what it yields is not kept for long. */
  #leadHere(flight: HttpFlight): FleetAnswer {
    flight.maxTtl = this.#fleet.degradedTtl
    return LEAD
  }

  /** What another process made while this one waited is for all who waited, as in one process. */
  #hit(request: KeyedRequest, flight: HttpFlight, record: SharedRecord, collapsed: boolean): FleetAnswer {
    const found = this.#found(request, flight, record, flight.sharedKey)
    if (found === 'another') return AGAIN
    // What was stored is judged by its age, as ever, also where it could not be read before.
    const isGood = found !== undefined && (collapsed || satisfies(found, request.directives, this.#state.clock.now()))
    return isGood ? this.#landed(found, collapsed) : this.#leadHere(flight)
  }

  /** What a record found under a key is good for. */
  #use(request: KeyedRequest, flight: HttpFlight, record: SharedRecord, key: string): Use {
    const found = this.#found(request, flight, record, key)
    if (found === 'another') return { decision: AGAIN }
    const now = this.#state.clock.now()
    if (found !== undefined && satisfies(found, request.directives, now))
      return { decision: this.#landed(found, false) }
    const isNews = found !== undefined && flight.replaces === undefined
    return isNews && this.#keepStale(flight, found, now) ? { decision: AGAIN } : { reject: record.version }
  }

  /** The response of a record, if it is news and can be understood; `another`: it is for another variant. */
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

  /** For its windows: who asks anew finds it. */
  #keepStale(flight: HttpFlight, response: StoredResponse, now: number): boolean {
    return now < Math.max(response.staleUntil, response.fallbackUntil) && this.#keep(flight, response)
  }

  #keep(flight: HttpFlight, response: StoredResponse): boolean {
    flight.addTags(response.tags)
    return this.#state.leave(flight) && this.#state.add(response)
  }
}
