import { type FullClock, resolveClock } from '../clock.ts'
import { Flights } from '../flights.ts'
import { MemoryStore } from '../memory-store.ts'
import type { HttpEvent } from './events.ts'
import type { HttpFlight } from './http-flight.ts'
import type { ResolvedHttpOptions } from './http-options.ts'
import type { HttpCounts } from './http-stats.ts'
import { Remembered } from './remembered.ts'
import type { StoredResponse } from './stored-response.ts'

/** What all requests of one instance share. */
export class HttpState {
  readonly clock: FullClock
  readonly store: MemoryStore<StoredResponse>
  readonly flights: Flights<HttpFlight> = new Flights<HttpFlight>()
  readonly remembered: Remembered = new Remembered()
  readonly counts: HttpCounts = { hits: 0, misses: 0, collapsed: 0, bypasses: 0, errors: 0 }
  readonly #onEvent: ((event: HttpEvent) => unknown) | undefined

  constructor(options: ResolvedHttpOptions) {
    this.clock = resolveClock(options.clock)
    this.store = new MemoryStore(options.maxEntries, options.maxBytes)
    this.#onEvent = options.onEvent
  }

  /** What a listener throws is its own affair, and nobody's answer may depend on it. */
  emit(event: HttpEvent): void {
    try {
      const returned = this.#onEvent?.(event)
      if (returned instanceof Promise) returned.catch(() => {})
    } catch {
      // Contained on purpose: there is nobody to tell.
    }
  }
}
