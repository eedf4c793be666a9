import type { MemoryStore } from '../../store/memory-store.ts'
import type { BodyMemory } from '../body/shared-body.ts'
import type { StoredResponse } from './stored-response.ts'

/** The part of `maxBytes` that streaming bodies reserve. The store has the rest, and evicts to make room for them. */
export class StreamingBudget implements BodyMemory {
  readonly #store: MemoryStore<StoredResponse>
  readonly #maxBytes: number
  #reserved = 0

  constructor(store: MemoryStore<StoredResponse>, maxBytes: number) {
    this.#store = store
    this.#maxBytes = maxBytes
  }

  get reserved(): number {
    return this.#reserved
  }

  hasRoom(bytes: number): boolean {
    return this.#reserved + bytes <= this.#maxBytes
  }

  reserve(bytes: number): void {
    this.#reserved += bytes
    this.#store.limit(this.#maxBytes - this.#reserved)
  }
}
