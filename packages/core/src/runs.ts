import { Context, type Fetch, type Wishes } from './context.ts'
import { Entry, type Peculiar } from './entry.ts'
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
    if (this.#state.isClosed) return flight
    if (!flights.lead(flight, startedAt, settings.timeout)) emit?.({ type: 'overflow', key })
    deadlines.start(flight, startedAt, settings.timeout)
    return flight
  }

  /** Runs the fetch of one key. One that throws synchronously is one that rejects. */
  run(flight: Flight<Value>, fetch: Fetch<Value>): void {
    const context = new Context(flight.key, flight.replaced?.value, flight)
    resultOf(fetch, context).then(
      value => this.landed(flight, value, context),
      (reason: unknown) => this.failed(flight, reason),
    )
  }

  /** The work yielded a value. It is stored before anybody has it, unless something was changed meanwhile. */
  landed(flight: Flight<Value>, value: Value, wishes: Wishes): void {
    if (flight.isSettled) return this.#late(flight)
    this.#state.deadlines.stop(flight)
    if (this.#state.flights.leave(flight) && !wishes.noStore) this.#keep(flight, value, wishes)
    else if (!wishes.noStore) this.#state.emit?.({ type: 'fence', key: flight.key })
    flight.resolve(value)
  }

  /** The work failed. */
  failed(flight: Flight<Value>, reason: unknown): void {
    if (flight.isSettled) return this.#late(flight)
    this.#state.deadlines.stop(flight)
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

  /** Stores a value that was given from outside. */
  store(key: string, value: Value, settings: Settings): void {
    const peculiar = this.#peculiar(key, value, { settings, ttl: settings.ttl, duration: 0, tags: settings.tags })
    if (peculiar === undefined) this.#state.store.delete(key)
    else this.#put(new Entry(value, Promise.resolve(value), key, peculiar))
  }

  #keep(flight: Flight<Value>, value: Value, wishes: Wishes): void {
    const { key, settings, startedAt } = flight
    const tags = wishes.tags === undefined ? settings.tags : [...new Set([...settings.tags, ...wishes.tags])]
    if (this.#state.tags.isFenced(tags, flight.tagMoment)) {
      flight.isFenced = true
      return this.#state.emit?.({ type: 'fence', key })
    }
    const duration = settings.earlyRefresh === 0 ? 0 : this.#state.clock.now() - startedAt
    const peculiar = this.#peculiar(key, value, { settings, ttl: wishes.ttl ?? settings.ttl, duration, tags })
    if (peculiar === undefined) this.#state.store.delete(key)
    else this.#put(new Entry(value, flight.promise, key, peculiar))
  }

  /** `undefined` where nothing is to be stored. With a ttl of 0 what was there is out of date all the same. */
  #peculiar(
    key: string,
    value: Value,
    { settings, ttl, duration, tags }: Pick<Peculiar, 'settings' | 'duration' | 'tags'> & { readonly ttl: number },
  ): Peculiar | undefined {
    const bytes = ttl === 0 ? undefined : this.#state.bytesOf(value, key)
    if (bytes === undefined) return undefined
    const storedAt = this.#state.clock.now()
    const taken = settings.jitter === 0 ? 0 : Math.floor(ttl * settings.jitter * this.#state.random())
    return { settings, storedAt, freshUntil: storedAt + ttl - taken, duration, bytes, tags, isFailure: false }
  }

  #put(entry: Entry<Value>): void {
    const { store, tags, sweeper, emit } = this.#state
    if (this.#state.isClosed || !store.set(entry)) return
    tags.add(entry.key, entry.tags)
    sweeper.expect(entry.storedAt, entry.goneAt)
    emit?.({ type: 'store', key: entry.key, ttl: entry.freshUntil - entry.storedAt })
  }

  /** What was stored stays, and the next refresh waits; where nothing is, the failure may be kept in its place. */
  #giveUp(flight: Flight<Value>): void {
    const { key, replaced, settings } = flight
    this.#state.counts.errors += 1
    if (!this.#state.flights.leave(flight)) return
    const now = this.#state.clock.now()
    if (replaced?.isRemoved === false) replaced.backOff(now)
    else if (settings.errorTtl > 0 && this.#state.store.peek(key) === undefined) this.#keepFailure(flight, now)
  }

  #keepFailure({ key, settings, promise }: Flight<Value>, now: number): void {
    promise.catch(() => {})
    const peculiar = {
      settings,
      storedAt: now,
      freshUntil: now + settings.errorTtl,
      duration: 0,
      bytes: 0,
      tags: settings.tags,
    }
    this.#put(new Entry<Value>(undefined as Value, promise, key, { ...peculiar, isFailure: true }))
  }

  #late({ key }: Flight<Value>): void {
    this.#state.emit?.({ type: 'late', key })
  }
}

function resultOf<Value>(fetch: Fetch<Value>, context: Context<Value>): Promise<Value> {
  try {
    const result = fetch(context)
    return result instanceof Promise ? result : Promise.resolve(result)
  } catch (error) {
    return rejected(error)
  }
}
