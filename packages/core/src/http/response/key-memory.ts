import { BoundedMap } from '../../base/bounded-map.ts'

/** For how long a key is remembered as one that nobody shares. */
export const UNSHARED_MS = 10_000
/** Bound on what is remembered of keys. */
const MAX_REMEMBERED = 10_000
/** Bound on the length of the keys of each kind. */
const MAX_CHARACTERS = 4 * 1024 * 1024

/** What was learned of keys from their answers. Losing any of it costs a run more, and never a wrong answer. */
export class KeyMemory {
  readonly #vary = new BoundedMap<readonly string[]>(MAX_REMEMBERED, MAX_CHARACTERS)
  readonly #unsharedUntil = new BoundedMap<number>(MAX_REMEMBERED, MAX_CHARACTERS)
  readonly #storable = new BoundedMap<true>(MAX_REMEMBERED, MAX_CHARACTERS)

  /** The request headers that a primary key's answers have varied on so far. */
  varyOf(key: string): readonly string[] {
    return this.#vary.get(key) ?? []
  }

  /** Adds what an answer varies on to what is known; to split too finely is safe. */
  learnVary(key: string, names: readonly string[]): readonly string[] {
    const known = this.varyOf(key)
    if (names.every(name => known.includes(name))) return known
    const learned = [...new Set([...known, ...names])].sort()
    this.#vary.set(key, learned)
    return learned
  }

  /** Whether the last answer of this flight's key could be shared with nobody: then none waits for another. */
  isUnshared(key: string, now: number): boolean {
    return now < (this.#unsharedUntil.get(key) ?? Number.NEGATIVE_INFINITY)
  }

  markUnshared(key: string, now: number): void {
    this.#unsharedUntil.set(key, now + UNSHARED_MS)
  }

  /** Returns whether it was remembered as one that nobody shares. */
  markShared(key: string): boolean {
    return this.#unsharedUntil.delete(key)
  }

  /** Whether an answer was stored under this key before. */
  isStorable(key: string): boolean {
    return this.#storable.get(key) === true
  }

  markStorable(key: string): void {
    this.#storable.set(key, true)
  }

  markUnstorable(key: string): void {
    this.#storable.delete(key)
  }

  /** What was learned of Vary stays: it is about keys, not about answers. */
  forgetUnshared(): void {
    this.#unsharedUntil.clear()
  }
}
