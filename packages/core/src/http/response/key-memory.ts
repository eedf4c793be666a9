import { BoundedMap } from '../../base/bounded-map.ts'

/** How long a key is remembered as not shareable, milliseconds. */
export const UNSHARED_MS = 10_000
/** Maximum number of remembered keys. */
const MAX_REMEMBERED = 10_000
/** Maximum length of the keys of each kind. */
const MAX_CHARACTERS = 4 * 1024 * 1024

/** Facts about keys, learned from their answers. Losing one costs a run, and never causes a wrong answer. */
export class KeyMemory {
  readonly #vary = new BoundedMap<readonly string[]>(MAX_REMEMBERED, MAX_CHARACTERS)
  readonly #unsharedUntil = new BoundedMap<number>(MAX_REMEMBERED, MAX_CHARACTERS)
  readonly #storable = new BoundedMap<true>(MAX_REMEMBERED, MAX_CHARACTERS)

  /** The request headers that answers of a primary key have varied on so far. */
  varyOf(key: string): readonly string[] {
    return this.#vary.get(key) ?? []
  }

  /** Adds the headers that an answer varies on. Splitting too finely is safe. */
  learnVary(key: string, names: readonly string[]): readonly string[] {
    const known = this.varyOf(key)
    if (names.every(name => known.includes(name))) return known
    const learned = [...new Set([...known, ...names])].sort()
    this.#vary.set(key, learned)
    return learned
  }

  /** Whether the last answer of this flight's key could not be shared, so that no request waits for another. */
  isUnshared(key: string, now: number): boolean {
    return now < (this.#unsharedUntil.get(key) ?? Number.NEGATIVE_INFINITY)
  }

  markUnshared(key: string, now: number): void {
    this.#unsharedUntil.set(key, now + UNSHARED_MS)
  }

  /** Returns whether the key was remembered as not shareable. */
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

  /** Keeps what was learned about Vary: it concerns keys, not answers. */
  forgetUnshared(): void {
    this.#unsharedUntil.clear()
  }
}
