import { type FullClock, resolveClock } from './clock.ts'
import { Entry } from './entry.ts'
import { OptionError } from './errors.ts'
import { type Fetch, type FetchContext, Flight } from './flight.ts'
import { Flights } from './flights.ts'
import { freshnessOf } from './freshness.ts'
import {
  type CallOptions,
  resolveStampedeOptions,
  type SetOptions,
  type Settings,
  settingsOfCall,
  settingsOfSet,
  type StampedeOptions,
} from './function-options.ts'
import { MemoryStore } from './memory-store.ts'
import type { Peeked, Reach, Stats } from './reports.ts'

const LOCAL: Promise<Reach> = Promise.resolve(Object.freeze({ fleet: true }))

/**
 * A cache of values by key whose fetches never run twice at once: the first caller on a missing key starts the fetch,
 * all others share its promise. Values are shared by reference: freeze what callers must not change.
 */
export class Stampede<Value = unknown> {
  readonly #store: MemoryStore<Entry<Value>>
  readonly #flights = new Flights<Flight<Value>>()
  readonly #settings: Settings
  readonly #clock: FullClock
  #hits = 0
  #staleHits = 0
  #misses = 0
  #collapsed = 0
  #fetches = 0
  #errors = 0

  /** @throws {OptionError} for a wrong option, naming it */
  constructor(options?: StampedeOptions) {
    const { maxEntries, clock, ttl, staleWhileRevalidate, timeout } = resolveStampedeOptions(options)
    this.#settings = { ttl, staleWhileRevalidate, timeout }
    this.#clock = resolveClock(clock)
    this.#store = new MemoryStore(maxEntries, Number.POSITIVE_INFINITY)
  }

  /**
   * The fresh value; or a stale one within `staleWhileRevalidate`, with one refresh started in the background; or
   * what the one flight for the key yields. Rejects with the fetch's own error, a `TimeoutError`, or the reason of this
   * caller's `signal`.
   */
  get<T extends Value>(key: string, fetch: Fetch<T>, options?: CallOptions): Promise<T> {
    return this.#call(key, fetch, options, (entry, freshness) => {
      if (freshness === 'stale') {
        this.#staleHits += 1
        this.#refreshBehind(key, entry, fetch, options)
      } else {
        this.#hits += 1
      }
      return true
    })
  }

  /** As `get`, but never a stale value, whatever fails. */
  getFresh<T extends Value>(key: string, fetch: Fetch<T>, options?: CallOptions): Promise<T> {
    return this.#call(key, fetch, options, (_entry, freshness) => {
      if (freshness === 'stale') return false
      this.#hits += 1
      return true
    })
  }

  /** Runs the fetch though a fresh value is there, or joins a flight that is under way; stores the result. */
  refresh<T extends Value>(key: string, fetch: Fetch<T>, options?: CallOptions): Promise<T> {
    return this.#call(key, fetch, options, () => false)
  }

  /**
   * Stores a value. What is in flight is fenced: its callers get its result, which is not stored over this one.
   * Takes effect at once; the promise never rejects.
   *
   * @throws {OptionError} for a wrong option, or a thenable in place of a value
   */
  set(key: string, value: Value, options?: SetOptions): Promise<Reach> {
    checkKey(key)
    const settings = settingsOfSet(this.#settings, options)
    if (isThenable(value)) {
      throw new OptionError('value', value, 'a settled value, not a promise: await it first, or use refresh()')
    }
    this.#drop(key)
    this.#keep(key, value, Promise.resolve(value), settings)
    return LOCAL
  }

  /** Drops a key, and fences what is in flight for it. Takes effect at once; the promise never rejects. */
  delete(key: string): Promise<Reach> {
    checkKey(key)
    this.#drop(key)
    return LOCAL
  }

  /** Drops every key, and fences all that is in flight. Takes effect at once; the promise never rejects. */
  clear(): Promise<Reach> {
    this.#store.clear()
    this.#flights.forgetAll()
    return LOCAL
  }

  /** What is stored for a key. Starts nothing and does not count as a use. */
  peek(key: string): Peeked<Value> | undefined {
    checkKey(key)
    const entry = this.#store.peek(key)
    const now = this.#clock.now()
    const state = entry === undefined ? 'gone' : freshnessOf(entry, now)
    if (entry === undefined || state === 'gone') return undefined
    return { value: entry.value, state, age: now - entry.storedAt, ttl: entry.freshUntil - now }
  }

  stats(): Stats {
    return {
      hits: this.#hits,
      staleHits: this.#staleHits,
      misses: this.#misses,
      collapsed: this.#collapsed,
      fetches: this.#fetches,
      errors: this.#errors,
      evictions: this.#store.evictions,
      entries: this.#store.size,
      bytes: this.#store.bytes,
      flights: this.#flights.size,
    }
  }

  /**
   * One call: the stored value where `reuse` takes it, else the flight for the key. The caller vouches for the value's
   * type by the fetch that it passes, as in any cache that holds more than one type of value.
   */
  #call<T extends Value>(
    key: string,
    fetch: Fetch<T>,
    options: CallOptions | undefined,
    reuse: (entry: Entry<Value>, freshness: 'fresh' | 'stale') => boolean,
  ): Promise<T> {
    try {
      checkKey(key)
      checkFetch(fetch)
      const settings = settingsOfCall(this.#settings, options)
      const signal = options?.signal
      if (signal?.aborted === true) return rejected<T>(signal.reason)
      const now = this.#clock.now()
      const entry = this.#store.get(key, now)
      if (entry !== undefined && reuse(entry, now < entry.freshUntil ? 'fresh' : 'stale')) {
        return entry.promise as Promise<T>
      }
      const flight = this.#join(key, fetch as unknown as Fetch<Value>, settings, entry)
      return (
        signal === undefined ? flight.join() : flight.joinUntil(signal, () => this.#flights.leave(flight))
      ) as Promise<T>
    } catch (error) {
      return rejected<T>(error)
    }
  }

  #join(key: string, fetch: Fetch<Value>, settings: Settings, replaced: Entry<Value> | undefined): Flight<Value> {
    const joined = this.#flights.current(key, this.#clock.now())
    if (joined === undefined) this.#misses += 1
    else this.#collapsed += 1
    return joined ?? this.#start(key, fetch, settings, replaced)
  }

  #start(key: string, fetch: Fetch<Value>, settings: Settings, replaced: Entry<Value> | undefined): Flight<Value> {
    const flight = new Flight<Value>(key, replaced?.value)
    this.#flights.lead(flight, this.#clock.now(), settings.timeout)
    this.#fetches += 1
    flight.limit(this.#clock, settings.timeout, () => this.#fail(flight, replaced))
    flight.run(
      fetch,
      (value, context) => this.#land(flight, value, context, settings),
      () => this.#fail(flight, replaced),
    )
    return flight
  }

  #land(flight: Flight<Value>, value: Value, context: FetchContext<Value>, settings: Settings): void {
    if (!this.#flights.leave(flight) || context.noStore) return
    this.#keep(flight.key, value, flight.promise, { ...settings, ttl: context.ttl ?? settings.ttl })
  }

  #fail(flight: Flight<Value>, replaced: Entry<Value> | undefined): void {
    this.#errors += 1
    this.#flights.leave(flight)
    replaced?.backOff(this.#clock.now())
  }

  #refreshBehind<T extends Value>(
    key: string,
    entry: Entry<Value>,
    fetch: Fetch<T>,
    options: CallOptions | undefined,
  ): void {
    const now = this.#clock.now()
    if (this.#flights.current(key, now) !== undefined || now < entry.retryAt) return
    const settings = settingsOfCall(this.#settings, options)
    this.#start(key, fetch as unknown as Fetch<Value>, settings, entry).holdBehind()
  }

  /** With a ttl of 0 nothing is stored; what was there is out of date all the same. */
  #keep(key: string, value: Value, promise: Promise<Value>, settings: Settings): void {
    if (settings.ttl === 0) this.#store.delete(key)
    else this.#store.set(key, new Entry(value, promise, this.#clock.now(), settings))
  }

  #drop(key: string): void {
    this.#store.delete(key)
    this.#flights.forget(key)
  }
}

function checkKey(key: unknown): void {
  if (typeof key !== 'string') throw new OptionError('key', key, 'a string')
}

function checkFetch(fetch: unknown): void {
  if (typeof fetch !== 'function') throw new OptionError('fetch', fetch, 'a function')
}

function isThenable(value: unknown): boolean {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && 'then' in value
    ? typeof value.then === 'function'
    : false
}

/** A rejection with exactly this reason, whatever it is. */
function rejected<T>(reason: unknown): Promise<T> {
  return new Promise<T>((_resolve, reject) => reject(reason))
}
