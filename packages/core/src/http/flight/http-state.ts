import { type FullClock, resolveClock, within } from '../../base/clock.ts'
import { contained } from '../../base/emitter.ts'
import { StoreClient, STORE_TIMEOUT } from '../../fleet/store-client.ts'
import { FlightTable } from '../../flights/flight-table.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { LOCAL_RESULT, type ChangeResult } from '../../fleet/change-result.ts'
import type { LocalTier, SharedStore, SharedStoreEvent } from '../../fleet/shared-store.ts'
import { StreamingBudget } from '../response/streaming-budget.ts'
import type { HttpEvent } from '../options/http-events.ts'
import { BypassDetector } from '../request/bypass-detector.ts'
import type { HttpFlight } from './http-flight.ts'
import type { ResolvedHttpOptions } from '../options/http-options.ts'
import type { HttpCounts, HttpStats } from '../options/http-stats.ts'
import { Invalidation } from './invalidation.ts'
import { entryKey, type KeyedRequest, variantOf } from '../request/keyed-request.ts'
import { responseTags } from '../response/response-tags.ts'
import { RecentKeys } from '../request/recent-keys.ts'
import { KeyMemory } from '../response/key-memory.ts'
import type { StoredResponse } from '../response/stored-response.ts'
import { WaitGroup } from '../../base/wait-group.ts'

/** The result of an invalidation. */
export interface DropResult {
  /** The number of responses that were removed here. */
  readonly count: number
  readonly reach: Promise<ChangeResult>
}

/** The state that all requests of one instance share. */
export class HttpState {
  readonly clock: FullClock
  readonly store: MemoryStore<StoredResponse>
  readonly streamingBudget: StreamingBudget
  readonly flights: FlightTable<HttpFlight> = new FlightTable<HttpFlight>()
  readonly keyMemory: KeyMemory = new KeyMemory()
  readonly recentKeys: RecentKeys = new RecentKeys()
  readonly bypassDetector: BypassDetector = new BypassDetector()
  /** Unsafe requests that are not answered yet. */
  readonly unsafeRequests: WaitGroup = new WaitGroup()
  readonly counts: HttpCounts = {
    hits: 0,
    staleHits: 0,
    misses: 0,
    collapsed: 0,
    sharedHits: 0,
    bypasses: 0,
    errors: 0,
  }
  /** The shared store, if there is one. */
  readonly fleet: StoreClient | undefined
  /** Nothing is coalesced or stored any more. */
  isClosed = false
  readonly #invalidation = new Invalidation()
  readonly #emit: ((event: HttpEvent) => void) | undefined

  constructor(options: ResolvedHttpOptions) {
    this.clock = resolveClock(options.clock)
    this.store = new MemoryStore<StoredResponse>(
      options.maxEntries,
      options.maxBytes,
      ({ goneAt }) => goneAt,
      stored => this.#invalidation.removed(stored),
    )
    this.streamingBudget = new StreamingBudget(this.store, options.maxBytes)
    this.#emit = contained(options.onEvent)
    this.fleet = options.store && this.#join(options.store)
  }

  /** Adds a flight to the table for the time limit of its leader, unless the key has one. */
  place({ view, policy }: KeyedRequest, flight: HttpFlight): void {
    const now = this.clock.now()
    if (this.flightFor(flight.key, now) !== undefined) return
    flight.moment = this.#invalidation.moment
    flight.tags = responseTags(view, policy)
    this.flights.lead(flight, now, policy.waitTimeout)
  }

  /** The flight to join, if the key has one. A fenced flight is detached. */
  flightFor(key: string, now: number): HttpFlight | undefined {
    const flight = this.flights.current(key, now)
    if (flight === undefined || !this.#invalidation.isFenced(flight)) return flight
    this.flights.detach(flight)
    return undefined
  }

  /** The tags that were invalidated since the flight began. */
  missedBy(flight: HttpFlight): readonly string[] {
    return this.#invalidation.missedBy(flight)
  }

  /** Removes a flight from its key. Returns whether its answer may be stored: it was neither detached nor fenced. */
  leave(flight: HttpFlight): boolean {
    return this.flights.leave(flight) && !this.#invalidation.isFenced(flight)
  }

  /** Stores a response. Returns whether there was room for it. */
  add(stored: StoredResponse): boolean {
    const isKept = !this.isClosed && this.store.set(stored)
    if (isKept) this.#invalidation.stored(stored)
    return isKept
  }

  /** Publishes that a key is shareable again. */
  publishShareable(request: KeyedRequest): void {
    const variant = variantOf(request, this.keyMemory.varyOf(request.key))
    this.fleet?.allow(entryKey(request.view.method, variant))
  }

  /** Removes all responses that have one of the tags, and fences flights, here and in the fleet. */
  drop(tags: readonly string[]): DropResult {
    return { count: this.#dropHere(tags), reach: this.fleet?.invalidateTags(tags) ?? LOCAL_RESULT }
  }

  /** Removes all responses, and fences all flights, here and in the fleet. */
  clear(): DropResult {
    return { count: this.#clearHere(), reach: this.fleet?.clear() ?? LOCAL_RESULT }
  }

  #dropHere(tags: readonly string[]): number {
    const dropped = this.#invalidation.drop(tags, this.store, this.flights)
    // Other processes must not wait for an outdated answer; here, the next request detects it.
    if (this.fleet !== undefined) this.flights.forgetWhere(flight => this.#invalidation.isFenced(flight))
    return dropped
  }

  #clearHere(): number {
    const { size } = this.store
    this.store.clear()
    this.flights.forgetAll()
    this.#invalidation.clear()
    this.keyMemory.forgetUnshared()
    return size
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.#clearHere()
    if (this.fleet === undefined) return
    // Their changes must be published, or other processes would serve outdated responses.
    await within(this.clock, this.unsafeRequests.done(), undefined, STORE_TIMEOUT)
    await this.fleet.close()
  }

  stats(): HttpStats {
    const { store, flights, counts } = this
    const { evictions, size: entries, bytes } = store
    return { ...counts, evictions, entries, bytes: bytes + this.streamingBudget.reserved, flights: flights.size }
  }

  /** Changes the key of a flight; the flight is detached if that key has another one. */
  rekey({ policy }: KeyedRequest, flight: HttpFlight, key: string): void {
    if (flight.key === key || !this.leave(flight)) return
    const now = this.clock.now()
    flight.key = key
    if (this.flightFor(key, now) === undefined) this.flights.lead(flight, now, policy.waitTimeout)
  }

  /** Whether there is a listener: otherwise frequent events need not be made. */
  get hasListeners(): boolean {
    return this.#emit !== undefined
  }

  emit(event: HttpEvent): void {
    this.#emit?.(event)
  }

  #join(store: SharedStore): StoreClient {
    const local: LocalTier = {
      space: 'h',
      // Responses are invalidated by tags alone.
      drop: () => {},
      dropTags: tags => this.#dropHere(tags),
      dropAll: () => this.#clearHere(),
      emit: event => this.emit(ofAll(event)),
    }
    return new StoreClient(store, local, this.clock, (_key, error) => this.emit({ type: 'error', target: '*', error }))
  }
}

/** Events of the store have no target, because the key of a response may hold credentials. */
function ofAll(event: SharedStoreEvent): HttpEvent {
  const target = '*'
  return event.type === 'degrade' ? { type: event.type, target, reason: event.reason } : { ...event, target }
}
