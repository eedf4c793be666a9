/** A map that forgets its oldest entries when it is full. For what may be learned again at the cost of one more run. */
export class BoundedMap<Value> {
  readonly #map = new Map<string, Value>()
  readonly #max: number
  readonly #maxCharacters: number
  #characters = 0

  /** @param maxCharacters bound on the length of all keys together: clients can make them as long as a head may be */
  constructor(max: number, maxCharacters: number = Number.POSITIVE_INFINITY) {
    this.#max = max
    this.#maxCharacters = maxCharacters
  }

  get(key: string): Value | undefined {
    // To look for a key costs its hash.
    return this.#map.size === 0 ? undefined : this.#map.get(key)
  }

  set(key: string, value: Value): void {
    this.delete(key)
    this.#map.set(key, value)
    this.#characters += key.length
    for (const oldest of this.#map.keys()) {
      if (this.#map.size <= this.#max && this.#characters <= this.#maxCharacters) return
      this.delete(oldest)
    }
  }

  /** Returns whether it was there. */
  delete(key: string): boolean {
    const wasThere = this.#map.delete(key)
    if (wasThere) this.#characters -= key.length
    return wasThere
  }

  clear(): void {
    this.#map.clear()
    this.#characters = 0
  }
}
