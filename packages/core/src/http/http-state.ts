import { type FullClock, resolveClock } from '../clock.ts'
import { contained } from '../emitter.ts'
import { Flights } from '../flights.ts'
import { MemoryStore } from '../memory-store.ts'
import { ArrivingBytes } from './arriving-bytes.ts'
import type { HttpEvent } from './events.ts'
import { FirstRequests } from './first-requests.ts'
import type { HttpFlight } from './http-flight.ts'
import type { ResolvedHttpOptions } from './http-options.ts'
import type { HttpCounts } from './http-stats.ts'
import type { KeyedRequest } from './keyed-request.ts'
import { Remembered } from './remembered.ts'
import type { StoredResponse } from './stored-response.ts'

/** What all requests of one instance share. */
export class HttpState {
  readonly clock: FullClock
  readonly store: MemoryStore<StoredResponse>
  readonly arriving: ArrivingBytes
  readonly flights: Flights<HttpFlight> = new Flights<HttpFlight>()
  readonly remembered: Remembered = new Remembered()
  readonly firstRequests: FirstRequests = new FirstRequests()
  readonly counts: HttpCounts = { hits: 0, staleHits: 0, misses: 0, collapsed: 0, bypasses: 0, errors: 0 }
  readonly #emit: ((event: HttpEvent) => void) | undefined

  constructor(options: ResolvedHttpOptions) {
    this.clock = resolveClock(options.clock)
    this.store = new MemoryStore(options.maxEntries, options.maxBytes, ({ goneAt }) => goneAt)
    this.arriving = new ArrivingBytes(this.store, options.maxBytes)
    this.#emit = contained(options.onEvent)
  }

  /** Puts a flight into the table for as long as its leader may take, unless the key has one there already. */
  place({ policy }: KeyedRequest, flight: HttpFlight): void {
    const now = this.clock.now()
    if (this.flights.current(flight.key, now) === undefined) this.flights.lead(flight, now, policy.deadline)
  }

  /** Gives a flight another key; it is detached where that has a flight of its own. */
  rekey(request: KeyedRequest, flight: HttpFlight, key: string): void {
    if (flight.key === key || !this.flights.leave(flight)) return
    flight.key = key
    this.place(request, flight)
  }

  emit(event: HttpEvent): void {
    this.#emit?.(event)
  }
}
