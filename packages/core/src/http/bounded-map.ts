/** A map that forgets its oldest entry when it is full. For what may be learned again at the cost of one more run. */
export class BoundedMap<Value> {
  readonly #map = new Map<string, Value>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  get(key: string): Value | undefined {
    // To look for a key costs its hash.
    return this.#map.size === 0 ? undefined : this.#map.get(key)
  }

  set(key: string, value: Value): void {
    this.#map.delete(key)
    this.#map.set(key, value)
    if (this.#map.size <= this.#max) return
    for (const oldest of this.#map.keys()) {
      this.#map.delete(oldest)
      return
    }
  }

  delete(key: string): void {
    this.#map.delete(key)
  }

  clear(): void {
    this.#map.clear()
  }
}
