import { type IN_MAIN, REMOVED, type StoreEntry, USES } from './store-entry.ts'

/** A queue is rid of its removed entries when they are more than this part of it. */
const DEAD_PART = 1 / 8

/** Entries first in, first out, linked through themselves. One that is removed leaves its place a little later. */
export class EntryQueue<Entry extends StoreEntry> {
  readonly #bit: number
  #head: Entry | undefined
  #tail: Entry | undefined
  #dead = 0
  /** Entries that were not removed. */
  length = 0

  /** @param bit the bit of `mark` that tells its entries, or 0 */
  constructor(bit: 0 | typeof IN_MAIN) {
    this.#bit = bit
  }

  /** Adds an entry with these uses to its name. */
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
        // The collector would keep all that came after it for as long as it has not come to this one.
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

  /** Rids the queue of what was removed, and of what `keeps` says no to; `keeps` removes that from elsewhere. */
  keepOnly(keeps: (entry: Entry) => boolean): void {
    let entry = this.#head
    this.#head = undefined
    this.#tail = undefined
    this.#dead = 0
    this.length = 0
    while (entry !== undefined) {
      const next: Entry | undefined = entry.next
      // What leaves must not lead on: a flight may hold one for as long as it takes, and all that came after it.
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
