/** Which keys and tags were changed when, counted in changes. */
export class Changes {
  readonly #keys = new Map<string, number>()
  readonly #tags = new Map<string, number>()
  #count = 0

  /** How many there were. */
  get count(): number {
    return this.#count
  }

  ofKey(key: string): void {
    this.#count += 1
    this.#keys.set(key, this.#count)
  }

  ofTags(tags: readonly string[]): void {
    this.#count += 1
    for (const tag of tags) this.#tags.set(tag, this.#count)
  }

  hasKeyChanged(key: string, since: number): boolean {
    return (this.#keys.get(key) ?? 0) > since
  }

  /** Whether what knows of no later change than that is as good as new. */
  isCurrent(tags: readonly string[], asOf: number): boolean {
    return tags.every(tag => (this.#tags.get(tag) ?? 0) <= asOf)
  }

  /** Whether a tag was changed after the work began and before that moment: later callers may not get the result. */
  isKnownToBeOld(tags: readonly string[], asOf: number, moment: number): boolean {
    return tags.some(tag => {
      const changed = this.#tags.get(tag) ?? 0
      return changed > asOf && changed <= moment
    })
  }
}
