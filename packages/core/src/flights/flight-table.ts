/** What the table needs of a flight: one run of the work for a key. */
export interface Keyed {
  readonly key: string
  /** When the flight loses its key. Set by the table. */
  overdueAt: number
  /** Whether the flight is in the table: it may be joined, and its result may be stored. Set by the table. */
  isCurrent: boolean
  /** The lease of the fleet, which a detached flight no longer has. */
  readonly lease?: { release(): void } | undefined
}

/**
 * The flights in progress, at most one per key. A flight that was fenced or timed out is detached: it answers the
 * callers that already wait, accepts no others, and its result is not stored.
 */
export class FlightTable<Flight extends Keyed> {
  /**
   * The flight that began while there was no other. It needs no table. Misses mostly come one at a time, so this saves
   * three of seven look-ups, and the chain of tables that every second miss would leave to the collector (see
   * MemoryStore).
   */
  #first: Flight | undefined
  /** Flights that began while there was another one. */
  readonly #others = new Map<string, Flight>()
  readonly #max: number

  /** @param max maximum number of flights in progress */
  constructor(max: number = Number.POSITIVE_INFINITY) {
    this.#max = max
  }

  get size(): number {
    return this.#others.size + (this.#first === undefined ? 0 : 1)
  }

  /**
   * The flight to join, if the key has one. An overdue flight is detached here, because its timer may never fire: on
   * Cloudflare Workers, timers and promises end with the request that made them.
   */
  current(key: string, now: number): Flight | undefined {
    const flight = this.peek(key)
    if (flight === undefined || now < flight.overdueAt) return flight
    this.detach(flight)
    return undefined
  }

  /** The flight in the table, overdue or not. */
  peek(key: string): Flight | undefined {
    if (this.#first?.key === key) return this.#first
    return this.#others.size === 0 ? undefined : this.#others.get(key)
  }

  /**
   * Makes this the current flight of a key that has none, for at most `limit` milliseconds. Returns false, and does
   * nothing, if there are too many flights.
   */
  lead(flight: Flight, now: number, limit: number): boolean {
    this.#detachOldest(now)
    const { size } = this
    if (size >= this.#max) return false
    flight.overdueAt = now + limit
    flight.isCurrent = true
    if (size === 0) this.#first = flight
    else this.#others.set(flight.key, flight)
    return true
  }

  /** Removes a flight from the table. Returns whether it was there. */
  leave(flight: Flight): boolean {
    if (!flight.isCurrent) return false
    flight.isCurrent = false
    if (flight === this.#first) this.#first = undefined
    else this.#others.delete(flight.key)
    return true
  }

  /** Removes an unfinished flight from the table: no other caller waits for it, in any process. */
  detach(flight: Flight): void {
    if (this.leave(flight)) flight.lease?.release()
  }

  /** Detaches the flight of the key. */
  forget(key: string): void {
    const flight = this.peek(key)
    if (flight !== undefined) this.detach(flight)
  }

  /** Detaches the flights that match. */
  forgetWhere(test: (flight: Flight) => boolean): void {
    if (this.#first !== undefined && test(this.#first)) this.detach(this.#first)
    for (const flight of this.#others.values()) if (test(flight)) this.detach(flight)
  }

  forgetAll(): void {
    this.forgetWhere(() => true)
  }

  /**
   * Checks one flight per new flight, so that flights whose timers died do not accumulate for keys that nobody
   * requests again.
   */
  #detachOldest(now: number): void {
    const oldest = this.#first ?? this.#oldestOfOthers()
    if (oldest !== undefined && now >= oldest.overdueAt) this.detach(oldest)
  }

  #oldestOfOthers(): Flight | undefined {
    return this.#others.size === 0 ? undefined : this.#others.values().next().value
  }
}
