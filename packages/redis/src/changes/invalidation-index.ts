const MOST = 10_000

/**
 * The last invalidation of each tag, as a position in the log. Bounded: of forgotten tags it knows the latest
 * invalidation.
 */
export class InvalidationIndex {
  readonly #most: number
  readonly #positions = new Map<string, bigint>()
  #floor = 0n

  constructor(most: number = MOST) {
    this.#most = most
  }

  get size(): number {
    return this.#positions.size
  }

  /** Tags that are not listed were not invalidated after this; their past is unknown. */
  get floor(): bigint {
    return this.#floor
  }

  /** The last invalidation of the tag: 0 for none, `undefined` if only the floor is known. */
  positionOf(mark: string): bigint | undefined {
    return this.#positions.get(mark)
  }

  add(mark: string, position: bigint): void {
    const known = this.#positions.get(mark)
    if (known !== undefined && known >= position) return
    // The latest are forgotten last.
    this.#positions.delete(mark)
    this.#positions.set(mark, position)
    if (this.#positions.size > this.#most) this.#forgetOne()
  }

  /** Everything is unknown up to this position. */
  reset(floor: bigint): void {
    this.#positions.clear()
    this.#floor = floor
  }

  #forgetOne(): void {
    for (const [mark, position] of this.#positions) {
      this.#positions.delete(mark)
      if (position > this.#floor) this.#floor = position
      return
    }
  }
}
