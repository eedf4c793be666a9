import { Context, type Fetch, type Wishes } from './context.ts'
import { type Entry, type Peculiar, peculiarEntry, plainEntry, type Stored } from './entry.ts'
import { rejected } from './errors.ts'
import { Flight, type FlightOwner } from './flight.ts'
import type { FunctionState } from './function-state.ts'
import type { Settings } from './function-options.ts'

/** Starts the runs of the work, and does with what they yield as the settings say. */
export class Runs<Value> implements FlightOwner<Value> {
  readonly #state: FunctionState<Value>

  constructor(state: FunctionState<Value>) {
    this.#state = state
  }

  /** A flight for the key; where there are too many, one that is joined by nobody and stored by nobody. */
  start(key: string, settings: Settings, replaced: Entry<Value> | undefined, startedAt: number): Flight<Value> {
    const { flights, deadlines, tags, emit, counts } = this.#state
    if (flights.size === 0) tags.forgetFences()
    const flight = new Flight<Value>({ key, settings, replaced, startedAt, tagMoment: tags.moment }, this)
    counts.fetches += 1
    deadlines.start(flight, startedAt, settings.timeout)
    if (!this.#state.isClosed && !flights.lead(flight, startedAt, settings.timeout)) emit?.({ type: 'overflow', key })
    return flight
  }

  /** Runs the fetch of one key. One that throws synchronously is one that rejects. */
  run(flight: Flight<Value>, fetch: Fetch<Value>): void {
    const context = new Context(flight.key, flight.replaced?.value, flight)
    resultOf(fetch, context).then(
      value => this.landed(flight, value, context),
      (reason: unknown) => this.failed(flight, reason, context),
    )
  }

  /** The work yielded a value. It is stored before anybody has it, unless something was changed meanwhile. */
  landed(flight: Flight<Value>, value: Value, wishes: Wishes): void {
    if (flight.isSettled) return this.#late(flight)
    this.#state.deadlines.stop(flight)
    if (wishes.tags !== undefined) flight.tags = [...new Set([...flight.tags, ...wishes.tags])]
    // Nobody hears of it before this function ends; a caller that a listener makes leave no longer ends the flight.
    flight.resolve(value)
    try {
      if (!wishes.noStore) this.#keep(flight, value, wishes)
    } catch (error) {
      // Trouble while storing, such as a clock that throws, is no caller's.
      this.#state.emit?.({ type: 'error', key: flight.key, error })
    }
    this.#state.flights.leave(flight)
  }

  /** The work failed. */
  failed(flight: Flight<Value>, reason: unknown, wishes: Wishes): void {
    if (flight.isSettled) return this.#late(flight)
    this.#state.deadlines.stop(flight)
    if (wishes.tags !== undefined) flight.tags = [...new Set([...flight.tags, ...wishes.tags])]
    this.#state.emit?.({ type: 'fail', key: flight.key, error: reason })
    flight.reject(reason)
    this.#giveUp(flight)
  }

  timedOut(flight: Flight<Value>): void {
    this.#state.emit?.({ type: 'timeout', key: flight.key })
    this.#giveUp(flight)
  }

  deserted(flight: Flight<Value>): void {
    this.#state.deadlines.stop(flight)
    this.#state.flights.leave(flight)
  }

  /** Stores a value that was given from outside, and fences what is in flight. */
  store(key: string, value: Value, settings: Settings): void {
    const entry = this.#entryOf({ key, settings, promise: Promise.resolve(value) }, value, settings)
    this.#state.flights.forget(key)
    this.#put(key, entry)
  }

  #keep(flight: Flight<Value>, value: Value, wishes: Wishes): void {
    const { key, settings, tags, startedAt } = flight
    const own = { ttl: wishes.ttl ?? settings.ttl, tags }
    const entry = this.#isFenced(flight) ? undefined : this.#entryOf(flight, value, own, startedAt)
    // What `sizeOf` and `random` change fences the flight, as at any other moment.
    const isFenced = this.#isFenced(flight)
    this.#state.flights.leave(flight)
    if (isFenced) this.#state.emit?.({ type: 'fence', key })
    else this.#put(key, entry)
  }

  #isFenced({ isCurrent, tags, tagMoment }: Flight<Value>): boolean {
    return !isCurrent || (tags.length > 0 && this.#state.tags.isFenced(tags, tagMoment))
  }

  #put(key: string, entry: Entry<Value> | undefined): void {
    if (entry === undefined) this.#state.store.delete(key)
    else this.#add(entry)
  }

  /** With a ttl of 0 there is none; what was there is out of date all the same. */
  #entryOf(
    from: Stored<Value>,
    value: Value,
    { ttl, tags }: Pick<Settings, 'ttl' | 'tags'>,
    startedAt?: number,
  ): Entry<Value> | undefined {
    const { key, settings } = from
    const bytes = ttl === 0 ? undefined : this.#state.bytesOf(value, key)
    if (bytes === undefined) return undefined
    const storedAt = this.#state.clock.now()
    const common = this.#state.settings
    if (bytes === 0 && tags.length === 0 && settings === common && isOrdinary(settings, ttl))
      return plainEntry(from, value, storedAt + ttl, common)
    const spread = ttl === Number.POSITIVE_INFINITY ? 0 : ttl * settings.jitter
    const freshUntil = storedAt + ttl - (spread === 0 ? 0 : Math.floor(spread * this.#state.draw(key)))
    const duration = storedAt - (startedAt ?? storedAt)
    const own: Peculiar = { settings, storedAt, freshUntil, duration, bytes, tags, isFailure: false }
    return peculiarEntry(from, value, own)
  }

  #add(entry: Entry<Value>): void {
    const { store, tags, sweeper, emit, settings, isClosed } = this.#state
    if (isClosed || !store.set(entry)) return
    const now = entry.storedAt(settings)
    if (entry.tags.length > 0) tags.add(entry.key, entry.tags)
    sweeper.expect(now, entry.goneAt(settings))
    this.#state.tellEvicted()
    emit?.({ type: 'store', key: entry.key, ttl: entry.freshUntil - now })
  }

  /** What was stored stays, and the next refresh waits; where nothing usable is, the failure may be kept in its place. */
  #giveUp(flight: Flight<Value>): void {
    this.#state.counts.errors += 1
    if (!this.#state.flights.leave(flight)) return
    try {
      this.#remember(flight)
    } catch (error) {
      this.#state.emit?.({ type: 'error', key: flight.key, error })
    }
  }

  #remember(flight: Flight<Value>): void {
    const { replaced, settings } = flight
    const common = this.#state.settings
    const now = this.#state.clock.now()
    if (replaced?.isRemoved === false && now < replaced.goneAt(common)) replaced.backOff(now, common)
    else if (settings.errorTtl > 0 && !this.#state.tags.isFenced(flight.tags, flight.tagMoment))
      this.#keepFailure(flight, now)
  }

  #keepFailure(flight: Flight<Value>, now: number): void {
    const { settings } = flight
    const freshUntil = now + settings.errorTtl
    const own: Peculiar = {
      settings,
      storedAt: now,
      freshUntil,
      duration: 0,
      bytes: this.#state.bytesOfKey(flight.key),
      tags: flight.tags,
      isFailure: true,
    }
    flight.promise.catch(() => {})
    this.#add(peculiarEntry(flight, undefined as Value, own))
  }

  #late({ key }: Flight<Value>): void {
    this.#state.emit?.({ type: 'late', key })
  }
}

/** Whether the end of the ttl tells all else: one too far away to be exact does not tell the moment of storing. */
function isOrdinary(settings: Settings, ttl: number): boolean {
  const { jitter, earlyRefresh } = settings
  return ttl === settings.ttl && ttl <= Number.MAX_SAFE_INTEGER && jitter === 0 && earlyRefresh === 0
}

function resultOf<Value>(fetch: Fetch<Value>, context: Context<Value>): Promise<Value> {
  try {
    // A subclass of Promise may do anything in its `then`.
    return Promise.resolve(fetch(context))
  } catch (error) {
    return rejected(error)
  }
}
