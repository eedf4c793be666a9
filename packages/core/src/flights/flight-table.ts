/** What the table needs of a flight: one run of the work for a key. */
export interface Keyed {
  readonly key: string
  /** When its own timer takes it off its key, by the clock; set by the table. */
  overdueAt: number
  /** Whether it stands in the table: it may be joined, and what it yields may be stored. Set by the table. */
  isCurrent: boolean
  /** Its right to be the only one in the fleet, which it has no more once it is detached. */
  readonly lease?: { release(): void } | undefined
}

/**
 * The flights under way, at most one current flight a key. A flight that was forgotten (fenced or timed out) is
 * detached: it answers those who already wait for it, is joined by nobody, and what it yields is not stored.
 */
export class FlightTable<Flight extends Keyed> {
  /**
   * The flight that began while there was no other. It needs no table: where misses come one at a time, as they mostly do,
   * that is three of seven look-ups less, and no chain of tables for the collector (see MemoryStore) at each second miss.
   */
  #first: Flight | undefined
  /** Those that began while there was one. */
  readonly #others = new Map<string, Flight>()
  readonly #max: number

  /** @param max bound on the flights under way */
  constructor(max: number = Number.POSITIVE_INFINITY) {
    this.#max = max
  }

  get size(): number {
    return this.#others.size + (this.#first === undefined ? 0 : 1)
  }

  /**
   * The flight to join, if the key has one. One that is overdue is detached here: its timer may never come, as timers
   * and promises on Cloudflare Workers go down with the request that made them.
   */
  current(key: string, now: number): Flight | undefined {
    const flight = this.peek(key)
    if (flight === undefined || now < flight.overdueAt) return flight
    this.detach(flight)
    return undefined
  }

  /** The flight that stands in the table, overdue or not. */
  peek(key: string): Flight | undefined {
    if (this.#first?.key === key) return this.#first
    return this.#others.size === 0 ? undefined : this.#others.get(key)
  }

  /**
   * Makes this the current flight of a key that has none, for at most `limit` milliseconds. Returns false, and does
   * nothing, where there are too many.
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

  /** Takes a flight out of the table, if it is in it. Returns whether it was. */
  leave(flight: Flight): boolean {
    if (!flight.isCurrent) return false
    flight.isCurrent = false
    if (flight === this.#first) this.#first = undefined
    else this.#others.delete(flight.key)
    return true
  }

  /** Takes a flight that is not at its end out of the table: others need not wait for it, in no process. */
  detach(flight: Flight): void {
    if (this.leave(flight)) flight.lease?.release()
  }

  /** Detaches whatever flies for the key. */
  forget(key: string): void {
    const flight = this.peek(key)
    if (flight !== undefined) this.detach(flight)
  }

  /** Detaches those that the test says yes to. */
  forgetWhere(test: (flight: Flight) => boolean): void {
    if (this.#first !== undefined && test(this.#first)) this.detach(this.#first)
    for (const flight of this.#others.values()) if (test(flight)) this.detach(flight)
  }

  forgetAll(): void {
    this.forgetWhere(() => true)
  }

  /** One for each that comes: flights whose timers died do not gather, though nobody asks for their keys again. */
  #detachOldest(now: number): void {
    const oldest = this.#first ?? this.#oldestOfOthers()
    if (oldest !== undefined && now >= oldest.overdueAt) this.detach(oldest)
  }

  #oldestOfOthers(): Flight | undefined {
    return this.#others.size === 0 ? undefined : this.#others.values().next().value
  }
}
