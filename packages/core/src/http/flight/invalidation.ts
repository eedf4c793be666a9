import type { FlightTable } from '../../flights/flight-table.ts'
import type { MemoryStore } from '../../store/memory-store.ts'
import { Tags } from '../../store/tags.ts'
import type { HttpFlight } from './http-flight.ts'
import type { StoredResponse } from '../response/stored-response.ts'

/** Finds stored responses by their tags, removes them, and fences flights. Holds the tags of stored responses alone. */
export class Invalidation {
  readonly #tags = new Tags()

  /** Counts invalidations: later invalidations fence a flight that began at this moment. */
  get moment(): number {
    return this.#tags.moment
  }

  stored({ key, tags }: StoredResponse): void {
    this.#tags.add(key, tags)
  }

  removed({ key, tags }: StoredResponse): void {
    this.#tags.remove(key, tags)
  }

  /** Removes all responses that have one of the tags. Returns their number. */
  drop(tags: readonly string[], store: MemoryStore<StoredResponse>, flights: FlightTable<HttpFlight>): number {
    let dropped = 0
    for (const tag of new Set(tags)) {
      for (const key of this.#tags.keysOf(tag)) if (store.delete(key)) dropped += 1
      // More fences than can be remembered: any flight may turn out to have one of the tags.
      if (flights.size > 0 && !this.#tags.fence(tag)) flights.forgetAll()
    }
    if (flights.size === 0) this.#tags.forgetFences()
    return dropped
  }

  /** Whether the answer of the flight was computed before it was invalidated. */
  isFenced({ tags, moment }: HttpFlight): boolean {
    return moment < this.#tags.moment && this.#tags.isFenced(tags, moment)
  }

  /** The tags that were invalidated since the flight began: a response that has one does not answer later requests. */
  missedBy({ moment }: HttpFlight): readonly string[] {
    return moment < this.#tags.moment ? this.#tags.invalidatedSince(moment) : []
  }

  clear(): void {
    this.#tags.clear()
  }
}
