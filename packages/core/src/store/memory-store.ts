import { EntryQueue } from './entry-queue.ts'
import { Ghosts } from './ghosts.ts'
import { IN_MAIN, REMOVED, type StoreEntry, USES } from './store-entry.ts'

/**
 * The fraction of the store for newcomers, and the uses that move one to the main queue. The paper has 0.1 and 2;
 * these lose less to LRU on traces whose favourites drift, and almost nothing elsewhere.
 */
const SMALL_PART = 0.2
const PROMOTING_USES = 1

/** The table of entries is rebuilt after this many evictions: a fraction of its size, and a minimum. */
const WORN_PART = 4
const FEWEST_WORN = 256
/**
 * A larger table is not rebuilt: its entries live so long that the collector moves them anyway, and copying takes too
 * long.
 */
const MOST_RENEWED = 16_384

/** Why an entry left the store: evicted, past its windows, or changed. */
export type Removal = 'evicted' | 'gone' | 'changed'

/**
 * A bounded map of entries that evicts by S3-FIFO (Yang et al., SOSP 2023): newcomers enter a small queue; entries
 * that were used there, or return soon after eviction, enter the main queue. A hit only counts a use.
 */
export class MemoryStore<Entry extends StoreEntry> {
  #entries = new Map<string, Entry>()
  readonly #small = new EntryQueue<Entry>(0)
  readonly #main = new EntryQueue<Entry>(IN_MAIN)
  readonly #ghosts = new Ghosts()
  readonly #maxEntries: number
  #maxBytes: number
  readonly #goneAt: (entry: Entry) => number
  readonly #onRemoved: (entry: Entry, why: Removal) => void
  #bytes = 0
  #evictions = 0
  /** Evictions since the table of entries was built. */
  #worn = 0

  /**
   * @param goneAt the moment from which an entry is past every window
   * @param onRemoved called for each entry that leaves, except by `clear`
   */
  constructor(
    maxEntries: number,
    maxBytes: number,
    goneAt: (entry: Entry) => number,
    onRemoved: (entry: Entry, why: Removal) => void = () => {},
  ) {
    this.#maxEntries = maxEntries
    // Above this, sums are not exact, and subtraction would leave a remainder.
    this.#maxBytes = Math.min(maxBytes, Number.MAX_SAFE_INTEGER)
    this.#goneAt = goneAt
    this.#onRemoved = onRemoved
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get evictions(): number {
    return this.#evictions
  }

  /** The entry to use, counted as a use; an expired entry is removed. */
  get(key: string, now: number): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (now >= this.#goneAt(entry)) {
      this.#expire(entry)
      return undefined
    }
    entry.use()
    return entry
  }

  /** The entry, expired or not; no use is counted. */
  peek(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** Stores the entry in place of any other with its key. An entry larger than the whole store is not stored. */
  set(entry: Entry): boolean {
    const before = this.#entries.get(entry.key)
    const { mark } = before ?? entry
    if (before !== undefined) this.#remove(before, 'changed')
    if (entry.bytes > this.#maxBytes) return false
    while (this.#entries.size >= this.#maxEntries || this.#bytes + entry.bytes > this.#maxBytes) this.#evictOne()
    this.#entries.set(entry.key, entry)
    this.#bytes += entry.bytes
    const isMain = before === undefined ? this.#ghosts.take(entry.key) : (mark & IN_MAIN) !== 0
    const queue = isMain ? this.#main : this.#small
    queue.push(entry, mark & USES)
    return true
  }

  /** Sets the maximum bytes, and evicts what exceeds them. */
  limit(maxBytes: number): void {
    this.#maxBytes = maxBytes
    while (this.size > 0 && this.#bytes > maxBytes) this.#evictOne()
  }

  delete(key: string): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.#remove(entry, 'changed')
    return true
  }

  /** Takes out an entry that is about to be replaced, and remembers until then whether it was in use. */
  retire(key: string): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#expire(entry)
  }

  clear(): void {
    this.#entries.clear()
    this.#small.clear()
    this.#main.clear()
    this.#ghosts.clear()
    this.#bytes = 0
  }

  /** Removes all expired entries, and returns when the first of the others will expire. */
  sweep(now: number): number {
    let first = Number.POSITIVE_INFINITY
    const keeps = (entry: Entry): boolean => {
      const goneAt = this.#goneAt(entry)
      if (now < goneAt) {
        first = Math.min(first, goneAt)
        return true
      }
      this.#drop(entry, 'gone')
      return false
    }
    this.#small.keepOnly(keeps)
    this.#main.keepOnly(keeps)
    return first
  }

  /** An entry that was in use will be so again: its key is remembered. */
  #expire(entry: Entry): void {
    if (entry.mark !== 0) this.#ghosts.add(entry.key, this.#ghostCapacity)
    this.#remove(entry, 'gone')
  }

  #remove(entry: Entry, why: Removal): void {
    const queue = (entry.mark & IN_MAIN) === 0 ? this.#small : this.#main
    queue.remove(entry)
    this.#drop(entry, why)
  }

  #drop(entry: Entry, why: Removal): void {
    entry.mark |= REMOVED
    this.#entries.delete(entry.key)
    this.#bytes -= entry.bytes
    this.#onRemoved(entry, why)
  }

  #evictOne(): void {
    const isSmallFull = this.#small.length > this.#entries.size * SMALL_PART
    const evicted = isSmallFull || this.#main.length === 0 ? this.#evictSmall() : this.#evictMain()
    if (evicted === undefined) return
    this.#drop(evicted, 'evicted')
    this.#evictions += 1
    this.#worn += 1
    if (this.#worn >= Math.max(FEWEST_WORN, this.#entries.size * WORN_PART)) this.#renew()
  }

  /**
   * A Map that has outgrown its table links the old table to the new one. Once the collector has promoted a table, it
   * keeps all tables after it until the next major collection, and moves everything that was ever in them: a fifth of
   * the cost of a miss.
   */
  #renew(): void {
    this.#worn = 0
    if (this.#entries.size <= MOST_RENEWED) this.#entries = new Map(this.#entries)
  }

  /** The oldest newcomer: it leaves, or moves to the main queue. */
  #evictSmall(): Entry | undefined {
    const entry = this.#small.shift()
    if (entry === undefined) return undefined
    if ((entry.mark & USES) >= PROMOTING_USES) {
      this.#main.push(entry, 0)
      return undefined
    }
    this.#ghosts.add(entry.key, this.#ghostCapacity)
    return entry
  }

  /** The oldest entry of the main queue that was not used since it was last passed over. */
  #evictMain(): Entry | undefined {
    for (let entry = this.#main.shift(); entry !== undefined; entry = this.#main.shift()) {
      const uses = entry.mark & USES
      if (uses === 0) return entry
      this.#main.push(entry, uses - 1)
    }
    return undefined
  }

  get #ghostCapacity(): number {
    return Math.ceil(Math.min(this.#maxEntries, Math.max(this.#entries.size, 1)) * (1 - SMALL_PART))
  }
}
