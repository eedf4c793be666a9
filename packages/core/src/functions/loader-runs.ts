import { Context, type Fetch, resultOf, type ResultOptions } from './state/context.ts'
import { type Entry, type EntryOverrides, entryWithOverrides } from './state/entry.ts'
import { EntryMaker } from './state/entry-maker.ts'
import { type ResultReceiver, LeasedRuns } from './fleet/leased-runs.ts'
import { type FreshnessRequirement, Flight, type FlightOwner } from './state/flight.ts'
import type { FunctionState } from './state/function-state.ts'
import type { Settings } from './state/function-options.ts'
import type { SharedLease } from '../fleet/shared-store.ts'
import { refusalOf } from './single-use.ts'
import { boundedBy } from './state/stale-windows.ts'

/** What a flight is started for. */
export interface FlightRequest {
  readonly key: string
  readonly settings: Settings
  readonly requirement?: FreshnessRequirement
}

/** Runs fetches, and stores their results by the settings. */
export class LoaderRuns<Value> implements FlightOwner<Value>, ResultReceiver<Value> {
  readonly #state: FunctionState<Value>
  readonly #maker: EntryMaker<Value>
  /** Asks other processes first, if there is a shared store. */
  readonly fleet: LeasedRuns<Value> | undefined

  constructor(state: FunctionState<Value>) {
    this.#state = state
    this.#maker = new EntryMaker(state)
    this.fleet = state.fleet && new LeasedRuns(state, state.fleet, this)
  }

  /** Starts a flight for the key. If there are too many, the flight accepts no callers and is not stored. */
  start(
    { key, settings, requirement = 'usable' }: FlightRequest,
    replaced: Entry<Value> | undefined,
    startedAt: number,
  ): Flight<Value> {
    const { flights, deadlines, tags, emit } = this.#state
    if (flights.size === 0) tags.forgetFences()
    const flight = new Flight<Value>({ key, settings, replaced, startedAt, tagMoment: tags.moment, requirement }, this)
    deadlines.start(flight, startedAt, settings.timeout)
    if (!this.#state.isClosed && !flights.lead(flight, startedAt, settings.timeout)) emit?.({ type: 'overflow', key })
    return flight
  }

  /** Runs the fetch of one key, unless another process has its value. */
  run(flight: Flight<Value>, fetch: Fetch<Value>): void {
    if (this.fleet === undefined || !flight.isCurrent) this.#runHere(flight, fetch)
    else this.#runInFleet(flight, fetch, this.fleet)
  }

  #runInFleet(flight: Flight<Value>, fetch: Fetch<Value>, fleet: LeasedRuns<Value>): void {
    // By its promise: the fetch must run in the asynchronous context of its caller, whichever process answers.
    void fleet.ask(flight, flight.settings.timeout).then(answered => {
      if (answered === 'done' || flight.isSettled) return
      fleet.begin(flight)
      this.#runHere(flight, fetch)
    })
  }

  /** A fetch that throws synchronously counts as one that rejects. */
  #runHere(flight: Flight<Value>, fetch: Fetch<Value>): void {
    this.#state.counts.fetches += 1
    const context = new Context(flight.key, flight.replaced?.value, flight)
    resultOf(fetch, context).then(
      value => this.resolved(flight, value, context),
      (reason: unknown) => this.failed(flight, reason, context),
    )
  }

  /** The fetch returned a value. It is stored before any caller gets it, unless the key was changed in the meantime. */
  resolved(flight: Flight<Value>, value: Value, wishes: ResultOptions): void {
    if (flight.isSettled) return this.#late(flight)
    const refusal = refusalOf(flight.key, value)
    if (refusal !== undefined) return this.failed(flight, refusal, wishes)
    this.#state.deadlines.stop(flight)
    if (wishes.tags !== undefined) flight.tags = [...new Set([...flight.tags, ...wishes.tags])]
    // No caller sees this before the function ends; a caller that a listener aborts no longer ends the flight.
    flight.resolve(value)
    try {
      if (flight.lease !== undefined) return void this.#commit(flight, flight.lease, value, wishes)
      if (!wishes.noStore) this.#keep(flight, value, wishes)
    } catch (error) {
      // An error while storing, such as a clock that throws, is not the error of a caller.
      this.#state.emit?.({ type: 'error', key: flight.key, error })
    }
    this.#state.flights.leave(flight)
  }

  resolvedFromStore(flight: Flight<Value>, value: Value, entry: Entry<Value> | undefined): void {
    this.#state.deadlines.stop(flight)
    flight.resolve(value)
    if (this.#state.flights.leave(flight) && entry !== undefined) this.#add(entry)
  }

  failedInFleet(flight: Flight<Value>, reason: unknown): void {
    this.#state.deadlines.stop(flight)
    this.#state.emit?.({ type: 'fail', key: flight.key, error: reason })
    flight.reject(reason)
    this.#giveUp(flight)
  }

  /** The fetch failed. */
  failed(flight: Flight<Value>, reason: unknown, wishes: ResultOptions): void {
    if (flight.isSettled) return this.#late(flight)
    this.#state.deadlines.stop(flight)
    if (wishes.tags !== undefined) flight.tags = [...new Set([...flight.tags, ...wishes.tags])]
    this.#state.emit?.({ type: 'fail', key: flight.key, error: reason })
    this.#state.counts.errors += 1
    flight.lease?.fail(reason)
    flight.reject(reason)
    this.#giveUp(flight)
  }

  timedOut(flight: Flight<Value>): void {
    this.#state.emit?.({ type: 'timeout', key: flight.key })
    this.#state.counts.errors += 1
    flight.lease?.release()
    this.#giveUp(flight)
  }

  abandoned(flight: Flight<Value>): void {
    this.#state.deadlines.stop(flight)
    flight.lease?.release()
    this.#state.flights.leave(flight)
  }

  /** Stores a value from outside, and fences the flight of the key. */
  store(key: string, value: Value, settings: Settings): Entry<Value> | undefined {
    const entry = this.#maker.make({ key, settings, promise: Promise.resolve(value) }, value, settings)
    this.#state.flights.forget(key)
    this.#put(key, entry)
    return entry
  }

  /** Starts the flight of a background refresh, unless one is in progress. */
  refreshInBackground(
    entry: Entry<Value>,
    reason: 'stale' | 'early',
    settings: Settings,
    now: number,
  ): Flight<Value> | undefined {
    const { key } = entry
    if (this.#state.flights.current(key, now) !== undefined) return undefined
    const flight = this.start({ key, settings }, entry, now)
    this.#state.emit?.({ type: 'refresh', key, reason })
    flight.holdInBackground()
    return flight
  }

  /** Until the store acknowledges or rejects the commit, calls that the result satisfies may still join the flight. */
  async #commit(flight: Flight<Value>, lease: SharedLease, value: Value, wishes: ResultOptions): Promise<void> {
    try {
      // Taken before the commit: the value ages while the store takes its time.
      const storedAt = this.#state.clock.now()
      const keep = (): Entry<Value> | undefined =>
        wishes.noStore || this.#isFenced(flight) ? undefined : this.#entryToKeep(flight, value, wishes, storedAt)
      const entry = await this.fleet?.commit(flight, lease, value, keep)
      if (!wishes.noStore) this.#keepEntry(flight, entry)
    } catch (error) {
      lease.release()
      this.#state.emit?.({ type: 'error', key: flight.key, error })
    }
    this.#state.flights.leave(flight)
    this.fleet?.committed(flight)
  }

  #keep(flight: Flight<Value>, value: Value, wishes: ResultOptions): void {
    this.#keepEntry(flight, this.#isFenced(flight) ? undefined : this.#entryToKeep(flight, value, wishes))
  }

  #entryToKeep(
    flight: Flight<Value>,
    value: Value,
    wishes: ResultOptions,
    storedAt?: number,
  ): Entry<Value> | undefined {
    const { settings, tags, startedAt, maxTtl, key, promise, lease } = flight
    const own = { ttl: Math.min(wishes.ttl ?? settings.ttl, maxTtl), tags, storedAt }
    if (maxTtl === Number.POSITIVE_INFINITY) return this.#maker.make(flight, value, own, startedAt)
    const bounded = { key, promise, lease, settings: boundedBy(maxTtl - own.ttl, settings) }
    return this.#maker.make(bounded, value, own, startedAt)
  }

  #keepEntry(flight: Flight<Value>, entry: Entry<Value> | undefined): void {
    const { key } = flight
    // A change made by `sizeOf` or `random` fences the flight like any other.
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

  #add(entry: Entry<Value>): void {
    const { store, emit, settings, isClosed } = this.#state
    if (isClosed || !store.set(entry)) return
    const now = entry.storedAt(settings)
    this.#state.added(entry)
    emit?.({ type: 'store', key: entry.key, ttl: entry.freshUntil - now })
  }

  /** The stored value stays, and the next refresh waits. Without a usable value, the error may be cached instead. */
  #giveUp(flight: Flight<Value>): void {
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
    const own: EntryOverrides = {
      settings,
      storedAt: now,
      freshUntil: now + settings.errorTtl,
      duration: 0,
      bytes: this.#state.bytesOfKey(flight.key),
      tags: flight.tags,
      isFailure: true,
    }
    flight.promise.catch(() => {})
    this.#add(entryWithOverrides(flight, undefined as Value, own))
  }

  #late({ key }: Flight<Value>): void {
    this.#state.emit?.({ type: 'late', key })
  }
}
