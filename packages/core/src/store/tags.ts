/** Tags whose invalidation is remembered for the flights that are under way. */
const MOST_FENCES = 1_000

/** Which keys bear a tag, and which tags were invalidated while flights were under way. */
export class Tags {
  readonly #keys = new Map<string, Set<string>>()
  readonly #fences = new Map<string, number>()
  #moment = 0

  /** Counts invalidations: a flight that began at one moment is fenced by what came after it. */
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

  /** Fences what is in flight and turns out to bear the tag. Returns false where there are too many to remember. */
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

  /** The tags that were invalidated after that moment, for a flight under way. */
  invalidatedSince(moment: number): readonly string[] {
    return [...this.#fences].flatMap(([tag, fencedAt]) => (fencedAt > moment ? [tag] : []))
  }

  /** No flight is under way that a fence could concern. */
  forgetFences(): void {
    // To clear a Map that is empty costs as much as a whole look-up.
    if (this.#fences.size > 0) this.#fences.clear()
  }

  clear(): void {
    this.#keys.clear()
    this.#fences.clear()
  }
}
