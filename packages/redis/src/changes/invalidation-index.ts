const MOST = 10_000

/** When each tag was last invalidated, as positions in the log; bounded: of what it forgets it still knows the latest. */
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

  /** Of tags that it does not list, it knows of no invalidation after this, and nothing of what was before. */
  get floor(): bigint {
    return this.#floor
  }

  /** The tag's last invalidation: 0 for none, undefined where only the floor is known. */
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
