import type { FlightTable } from '../../flights/flight-table.ts'
import type { MemoryStore } from '../../store/memory-store.ts'
import { Tags } from '../../store/tags.ts'
import type { HttpFlight } from './http-flight.ts'
import type { StoredResponse } from '../response/stored-response.ts'

/** Finds what is stored by its marks, drops it, and fences what is in flight. Holds the marks of what is stored alone. */
export class Invalidation {
  readonly #marks = new Tags()

  /** Counts invalidations: a flight that began at one moment is fenced by what came after it. */
  get moment(): number {
    return this.#marks.moment
  }

  stored({ key, marks }: StoredResponse): void {
    this.#marks.add(key, marks)
  }

  removed({ key, marks }: StoredResponse): void {
    this.#marks.remove(key, marks)
  }

  /** Drops all that bears one of the marks. Returns how many stored responses that were. */
  drop(marks: readonly string[], store: MemoryStore<StoredResponse>, flights: FlightTable<HttpFlight>): number {
    let dropped = 0
    for (const mark of new Set(marks)) {
      for (const key of this.#marks.keysOf(mark)) if (store.delete(key)) dropped += 1
      // More than can be remembered: whatever is in flight may bear one of them.
      if (flights.size > 0 && !this.#marks.fence(mark)) flights.forgetAll()
    }
    if (flights.size === 0) this.#marks.forgetFences()
    return dropped
  }

  /** Whether what the flight yields was computed before it was invalidated. */
  isFenced({ marks, moment }: HttpFlight): boolean {
    return moment < this.#marks.moment && this.#marks.isFenced(marks, moment)
  }

  /** The marks that were invalidated since the flight began: what bears one of them is no answer to who comes now. */
  missedBy({ moment }: HttpFlight): readonly string[] {
    return moment < this.#marks.moment ? this.#marks.invalidatedSince(moment) : []
  }

  clear(): void {
    this.#marks.clear()
  }
}
