/**
 * A map that drops its oldest entries when it is full. For facts that can be learned again at the cost of one more
 * run.
 */
export class BoundedMap<Value> {
  readonly #map = new Map<string, Value>()
  readonly #max: number
  readonly #maxCharacters: number
  #characters = 0

  /** @param maxCharacters maximum length of all keys together: clients can send very long ones */
  constructor(max: number, maxCharacters: number = Number.POSITIVE_INFINITY) {
    this.#max = max
    this.#maxCharacters = maxCharacters
  }

  get(key: string): Value | undefined {
    // A look-up costs the hash of its key.
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

  /** Returns whether the map had the key. */
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
