import type { FlightTable } from '../../flights/flight-table.ts'
import type { MemoryStore } from '../../store/memory-store.ts'
import { Tags } from '../../store/tags.ts'
import type { HttpFlight } from './http-flight.ts'
import type { StoredResponse } from '../response/stored-response.ts'

/** Finds what is stored by its tags, drops it, and fences what is in flight. Holds the tags of what is stored alone. */
export class Invalidation {
  readonly #tags = new Tags()

  /** Counts invalidations: a flight that began at one moment is fenced by what came after it. */
  get moment(): number {
    return this.#tags.moment
  }

  stored({ key, tags }: StoredResponse): void {
    this.#tags.add(key, tags)
  }

  removed({ key, tags }: StoredResponse): void {
    this.#tags.remove(key, tags)
  }

  /** Drops all that has one of the tags. Returns how many stored responses that were. */
  drop(tags: readonly string[], store: MemoryStore<StoredResponse>, flights: FlightTable<HttpFlight>): number {
    let dropped = 0
    for (const tag of new Set(tags)) {
      for (const key of this.#tags.keysOf(tag)) if (store.delete(key)) dropped += 1
      // More than can be remembered: whatever is in flight may bear one of them.
      if (flights.size > 0 && !this.#tags.fence(tag)) flights.forgetAll()
    }
    if (flights.size === 0) this.#tags.forgetFences()
    return dropped
  }

  /** Whether what the flight yields was computed before it was invalidated. */
  isFenced({ tags, moment }: HttpFlight): boolean {
    return moment < this.#tags.moment && this.#tags.isFenced(tags, moment)
  }

  /** The tags that were invalidated since the flight began: what bears one of them is no answer to who comes now. */
  missedBy({ moment }: HttpFlight): readonly string[] {
    return moment < this.#tags.moment ? this.#tags.invalidatedSince(moment) : []
  }

  clear(): void {
    this.#tags.clear()
  }
}
