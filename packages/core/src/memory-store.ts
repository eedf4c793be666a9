import type { Lifetime } from './freshness.ts'

/** What the store needs of an entry. */
export interface StoreEntry extends Lifetime {
  /** What the entry counts towards `maxBytes`, its key included. */
  readonly bytes: number
}

interface Slot<Entry> {
  readonly entry: Entry
  /** Used since it was stored or last passed over; such an entry gets a second chance. */
  used: boolean
}

/**
 * A bounded map of entries that evicts by second chance: the oldest entry goes, but one that was used since it was
 * last considered moves to the back instead. A hit only sets a flag; the map's order is untouched by it.
 */
export class MemoryStore<Entry extends StoreEntry> {
  readonly #slots = new Map<string, Slot<Entry>>()
  readonly #maxEntries: number
  readonly #maxBytes: number
  #bytes = 0
  #evictions = 0

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#slots.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get evictions(): number {
    return this.#evictions
  }

  /** The entry to use, counted as a use; one that is gone is removed. */
  get(key: string, now: number): Entry | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    if (now >= slot.entry.goneAt) {
      this.delete(key)
      return undefined
    }
    slot.used = true
    return slot.entry
  }

  /** The entry as it stands, gone or not; no use is counted. */
  peek(key: string): Entry | undefined {
    return this.#slots.get(key)?.entry
  }

  /** Stores the entry in place of any other with its key. One that is larger than the whole store is not kept. */
  set(key: string, entry: Entry): boolean {
    this.delete(key)
    if (entry.bytes > this.#maxBytes) return false
    this.#slots.set(key, { entry, used: false })
    this.#bytes += entry.bytes
    while (this.#slots.size > this.#maxEntries || this.#bytes > this.#maxBytes) this.#evictOne(key)
    return true
  }

  delete(key: string): boolean {
    const slot = this.#slots.get(key)
    if (slot === undefined) return false
    this.#bytes -= slot.entry.bytes
    return this.#slots.delete(key)
  }

  clear(): void {
    this.#slots.clear()
    this.#bytes = 0
  }

  /** The newcomer is passed over, or a full store of used entries would never take one in. */
  #evictOne(newcomer: string): void {
    for (const [key, slot] of this.#slots) {
      if (key === newcomer) continue
      if (!slot.used) {
        this.delete(key)
        this.#evictions += 1
        return
      }
      slot.used = false
      this.#slots.delete(key)
      this.#slots.set(key, slot)
    }
  }
}
