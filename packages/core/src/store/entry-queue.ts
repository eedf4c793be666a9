import { type IN_MAIN, REMOVED, type StoreEntry, USES } from './store-entry.ts'

/** The largest fraction of removed entries in a queue; above it they are taken out. */
const DEAD_PART = 1 / 8

/** A first-in, first-out queue of entries, linked through themselves. A removed entry leaves its place later. */
export class EntryQueue<Entry extends StoreEntry> {
  readonly #bit: number
  #head: Entry | undefined
  #tail: Entry | undefined
  #dead = 0
  /** The number of entries that were not removed. */
  length = 0

  /** @param bit the bit of `mark` that identifies its entries, or 0 */
  constructor(bit: 0 | typeof IN_MAIN) {
    this.#bit = bit
  }

  /** Adds an entry with this number of uses. */
  push(entry: Entry, uses: number): void {
    entry.mark = this.#bit | uses
    entry.next = undefined
    if (this.#tail === undefined) this.#head = entry
    else this.#tail.next = entry
    this.#tail = entry
    this.length += 1
  }

  /** Takes out the oldest entry. */
  shift(): Entry | undefined {
    for (let entry = this.#head; entry !== undefined; entry = entry.next) {
      this.#head = entry.next
      if (this.#head === undefined) this.#tail = undefined
      if (!entry.isRemoved) {
        this.length -= 1
        // Otherwise the collector would keep everything after it until it has visited this one.
        entry.next = undefined
        return entry
      }
      this.#dead -= 1
    }
    return undefined
  }

  /** Takes out any entry. */
  remove(entry: Entry): void {
    entry.mark = (entry.mark & USES) | REMOVED
    this.length -= 1
    this.#dead += 1
    if (this.#dead > this.length * DEAD_PART) this.keepOnly(() => true)
  }

  /** Takes out removed entries, and those that `keeps` refuses; `keeps` removes them elsewhere. */
  keepOnly(keeps: (entry: Entry) => boolean): void {
    let entry = this.#head
    this.#head = undefined
    this.#tail = undefined
    this.#dead = 0
    this.length = 0
    while (entry !== undefined) {
      const next: Entry | undefined = entry.next
      // An entry that leaves must not link to others: a flight may hold it, and with it everything that came later.
      entry.next = undefined
      if (!entry.isRemoved) {
        if (keeps(entry)) this.push(entry, entry.mark & USES)
        else entry.mark |= REMOVED
      }
      entry = next
    }
  }

  clear(): void {
    this.keepOnly(() => false)
  }
}
