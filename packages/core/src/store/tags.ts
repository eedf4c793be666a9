/** The number of invalidated tags that are remembered for flights in progress. */
const MOST_FENCES = 1_000

/** The keys of each tag, and the tags that were invalidated while flights were in progress. */
export class Tags {
  readonly #keys = new Map<string, Set<string>>()
  readonly #fences = new Map<string, number>()
  #moment = 0

  /** Counts invalidations: later invalidations fence a flight that began at this moment. */
  get moment(): number {
    return this.#moment
  }

  add(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.#keys.get(tag)
      if (keys === undefined) this.#keys.set(tag, new Set([key]))
      else keys.add(key)
    }
  }

  remove(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.#keys.get(tag)
      if (keys?.delete(key) === true && keys.size === 0) this.#keys.delete(tag)
    }
  }

  keysOf(tag: string): readonly string[] {
    return [...(this.#keys.get(tag) ?? [])]
  }

  /** Fences flights that turn out to have the tag. Returns false if there are too many tags to remember. */
  fence(tag: string): boolean {
    this.#moment += 1
    this.#fences.delete(tag)
    this.#fences.set(tag, this.#moment)
    return this.#fences.size <= MOST_FENCES
  }

  /** Whether one of the tags was invalidated after that moment. */
  isFenced(tags: readonly string[], moment: number): boolean {
    return tags.some(tag => (this.#fences.get(tag) ?? 0) > moment)
  }

  /** The tags that were invalidated after that moment, for a flight in progress. */
  invalidatedSince(moment: number): readonly string[] {
    return [...this.#fences].flatMap(([tag, fencedAt]) => (fencedAt > moment ? [tag] : []))
  }

  /** No flight is in progress that a fence could concern. */
  forgetFences(): void {
    // Clearing an empty Map costs as much as a whole look-up.
    if (this.#fences.size > 0) this.#fences.clear()
  }

  clear(): void {
    this.#keys.clear()
    this.#fences.clear()
  }
}
