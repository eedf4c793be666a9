const FEWEST = 16
/** The number of ages that are distinguished over the time for which a key is remembered. */
const AGES = 4096

/**
 * Recently evicted keys, in four bytes each, so that no long key is kept alive. It may forget a key early, or confuse
 * two: both only make an eviction slightly worse.
 */
export class Ghosts {
  /** The upper half of a key's hash, and in the lower half the age in which it was added. */
  #places = new Uint32Array(0)
  /** The current age, and how many keys are still added in it. */
  #now = 1
  #left = 0
  #perAge = 1

  /** @param capacity how many keys to remember */
  add(key: string, capacity: number): void {
    if (this.#places.length < capacity) this.#grow(capacity)
    if (this.#left === 0) this.#growOlder()
    this.#left -= 1
    const print = printOf(key)
    const home = this.#homeOf(print)
    const place = this.#ageOf(home) >= this.#ageOf(home ^ 1) ? home : home ^ 1
    this.#places[place] = ((print & 0xffff0000) | this.#now) >>> 0
  }

  /** Whether the key was added recently. It is forgotten. */
  take(key: string): boolean {
    if (this.#places.length === 0) return false
    const print = printOf(key)
    const home = this.#homeOf(print)
    return this.#takeAt(home, print) || this.#takeAt(home ^ 1, print)
  }

  clear(): void {
    this.#places = new Uint32Array(0)
    this.#left = 0
  }

  #takeAt(place: number, print: number): boolean {
    if ((((this.#places[place] ?? 0) ^ print) & 0xffff0000) !== 0) return false
    const isRemembered = this.#ageOf(place) < this.#places.length / this.#perAge
    this.#places[place] = 0
    return isRemembered
  }

  #ageOf(place: number): number {
    return (this.#now - (this.#places[place] ?? 0)) & 0xffff
  }

  #growOlder(): void {
    this.#now = (this.#now + 1) & 0xffff
    this.#left = this.#perAge
  }

  /** One of the two slots of a key; the other is its neighbour. The lower half of the hash decides. */
  #homeOf(print: number): number {
    return Math.floor(((print * 65537) >>> 0) * (this.#places.length / 2 ** 32))
  }

  /** Clears the memory: it happens while the store fills, and not again. */
  #grow(capacity: number): void {
    const size = Math.max(FEWEST, capacity)
    this.#places = new Uint32Array(size + (size % 2))
    this.#perAge = Math.ceil(this.#places.length / AGES)
    this.#left = 0
  }
}

/** Characters at either end that are hashed, so that a key of a megabyte does not cost a millisecond. */
const END = 64

/** FNV-1a over both ends of the key and its length. */
function printOf(key: string): number {
  let print = 2166136261 ^ key.length
  const head = Math.min(key.length, END)
  for (let index = 0; index < head; index += 1) print = Math.imul(print ^ key.charCodeAt(index), 16777619)
  for (let index = Math.max(head, key.length - END); index < key.length; index += 1) {
    print = Math.imul(print ^ key.charCodeAt(index), 16777619)
  }
  return print ^ (print >>> 15)
}
