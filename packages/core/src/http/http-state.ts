import { type FullClock, resolveClock } from '../clock.ts'
import { contained } from '../emitter.ts'
import { Flights } from '../flights.ts'
import { MemoryStore } from '../memory-store.ts'
import type { HttpEvent } from './events.ts'
import type { HttpFlight } from './http-flight.ts'
import type { ResolvedHttpOptions } from './http-options.ts'
import type { HttpCounts, HttpStats } from './http-stats.ts'
import { Invalidation } from './invalidation.ts'
import type { KeyedRequest } from './keyed-request.ts'
import { marksOf } from './marks.ts'
import { Remembered } from './remembered.ts'
import type { StoredResponse } from './stored-response.ts'

/** What all requests of one instance share. */
export class HttpState {
  readonly clock: FullClock
  readonly store: MemoryStore<StoredResponse>
  readonly flights: Flights<HttpFlight> = new Flights<HttpFlight>()
  readonly remembered: Remembered = new Remembered()
  readonly counts: HttpCounts = { hits: 0, misses: 0, collapsed: 0, bypasses: 0, errors: 0 }
  /** Requests that came here. */
  readonly met: WeakSet<object> = new WeakSet()
  readonly #invalidation = new Invalidation()
  readonly #emit: ((event: HttpEvent) => void) | undefined

  constructor(options: ResolvedHttpOptions) {
    this.clock = resolveClock(options.clock)
    this.store = new MemoryStore<StoredResponse>(options.maxEntries, options.maxBytes, stored =>
      this.#invalidation.removed(stored),
    )
    this.#emit = contained(options.onEvent)
  }

  /** Puts a flight into the table for as long as its leader may take, unless the key has one there already. */
  place({ view, policy }: KeyedRequest, flight: HttpFlight): void {
    const now = this.clock.now()
    if (this.flightFor(flight.key, now) !== undefined) return
    flight.moment = this.#invalidation.moment
    flight.marks = marksOf(view, policy)
    this.flights.lead(flight, now, policy.deadline)
  }

  /** The flight to join, if the key has one. One that is known to be fenced is joined by nobody any more. */
  flightFor(key: string, now: number): HttpFlight | undefined {
    const flight = this.flights.current(key, now)
    if (flight === undefined || !this.#invalidation.isFenced(flight)) return flight
    this.flights.leave(flight)
    return undefined
  }

  /** What was invalidated since the flight began. */
  missedBy(flight: HttpFlight): readonly string[] {
    return this.#invalidation.missedBy(flight)
  }

  /** Stores what a flight yields, where it has a lifetime, unless it was computed before it was invalidated. */
  keep(stored: StoredResponse, flight: HttpFlight, ttl: number, target: string): void {
    const isCurrent = this.flights.leave(flight)
    if (ttl <= 0) return
    if (!isCurrent || this.#invalidation.isFenced(flight)) return this.emit({ type: 'fence', target })
    if (!this.store.set(stored)) return
    this.#invalidation.stored(stored)
    this.emit({ type: 'store', target, ttl })
  }

  /** Drops what bears one of the marks and fences what is in flight. Returns how many stored responses were dropped. */
  drop(marks: readonly string[]): number {
    return this.#invalidation.drop(marks, this.store, this.flights)
  }

  /** Drops all, and fences all that is in flight. Returns how many stored responses were dropped. */
  clear(): number {
    const { size } = this.store
    this.store.clear()
    this.flights.forgetAll()
    this.#invalidation.clear()
    this.remembered.forgetUnshared()
    return size
  }

  stats(): HttpStats {
    const { store, flights, counts } = this
    const { evictions, size: entries, bytes } = store
    return { ...counts, evictions, entries, bytes, flights: flights.size }
  }

  emit(event: HttpEvent): void {
    this.#emit?.(event)
  }
}
