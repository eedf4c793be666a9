const FEWEST = 16

/**
 * Keys that were evicted not long ago, as 32 bits each, so that no long key is kept alive. May forget one early or take one
 * for another: both only make an eviction a little less wise.
 */
export class Ghosts {
  #prints = new Uint32Array(0)
  #stamps = new Uint32Array(0)
  #count = 0

  /** @param capacity how many keys to remember */
  add(key: string, capacity: number): void {
    if (this.#prints.length < capacity) this.#grow(capacity)
    const print = printOf(key)
    const place = this.#older(print & (this.#prints.length - 1))
    this.#count += 1
    this.#prints[place] = print
    this.#stamps[place] = this.#count
  }

  /** Whether the key is among the last `capacity` that were added; it is forgotten. */
  take(key: string, capacity: number): boolean {
    if (this.#prints.length === 0) return false
    const print = printOf(key)
    const home = print & (this.#prints.length - 1)
    for (const place of [home, home ^ 1]) {
      if (this.#prints[place] !== print) continue
      const age = this.#count - (this.#stamps[place] ?? 0)
      this.#prints[place] = 0
      return age < capacity
    }
    return false
  }

  clear(): void {
    this.#prints = new Uint32Array(0)
    this.#stamps = new Uint32Array(0)
  }

  /** Of the two places that a key may have, the one that was filled earlier. */
  #older(home: number): number {
    const other = home ^ 1
    return (this.#stamps[home] ?? 0) <= (this.#stamps[other] ?? 0) ? home : other
  }

  /** What was remembered is forgotten: it happens while the store fills, and not again. */
  #grow(capacity: number): void {
    let size = FEWEST
    while (size < capacity) size *= 2
    this.#prints = new Uint32Array(size)
    this.#stamps = new Uint32Array(size)
  }
}

/** Characters at either end that count; a key of a megabyte must not cost a millisecond. */
const END = 64

/** FNV-1a over both ends of the key and its length, never 0. */
function printOf(key: string): number {
  let print = 2166136261 ^ key.length
  const head = Math.min(key.length, END)
  for (let index = 0; index < head; index += 1) print = Math.imul(print ^ key.charCodeAt(index), 16777619)
  for (let index = Math.max(head, key.length - END); index < key.length; index += 1) {
    print = Math.imul(print ^ key.charCodeAt(index), 16777619)
  }
  return (print ^ (print >>> 15)) >>> 0 || 1
}
