import { checkFunction, checkKey, checkedKeys } from './functions/argument-checks.ts'
import { Batches, type FetchMany } from './functions/batch.ts'
import { Lookup, type Mode } from './functions/lookup.ts'
import type { FullClock } from './base/clock.ts'
import type { Fetch } from './functions/state/context.ts'
import type { Entry } from './functions/state/entry.ts'
import { isThenable, OptionError, rejected } from './base/errors.ts'
import {
  type CallOptions,
  type SetOptions,
  setRules,
  settingsOf,
  type StampedeOptions,
  wrapRules,
} from './functions/state/function-options.ts'
import { FunctionState } from './functions/state/function-state.ts'
import type { MemoryStore } from './store/memory-store.ts'
import { checkOptions, isTags } from './base/option-rules.ts'
import { type FunctionCounts, type Peeked, type Stats } from './functions/state/stats.ts'
import { LOCAL_RESULT, type ChangeResult } from './fleet/change-result.ts'
import { LoaderRuns } from './functions/loader-runs.ts'
import { refusalOf } from './functions/single-use.ts'
import {
  type KeyThis,
  type Wrapped,
  type WrappedFunction,
  type WrapHost,
  Wrapping,
  type WrapOptions,
} from './functions/wrap.ts'

/**
 * A cache that runs one fetch per key at a time: the first caller of a missing key starts the fetch, and all other callers
 * share its promise. Values are shared by reference: freeze those that callers must not change.
 */
export class Stampede<Value = unknown> {
  readonly #state: FunctionState<Value>
  readonly #store: MemoryStore<Entry<Value>>
  readonly #counts: FunctionCounts
  readonly #clock: FullClock
  readonly #runs: LoaderRuns<Value>
  readonly #calls: Lookup<Value>
  readonly #batches: Batches<Value>
  /** Without a listener a hit emits nothing. */
  readonly #isQuiet: boolean
  #wrapped = 0

  /** @throws {OptionError} that names a wrong option */
  constructor(options?: StampedeOptions<Value>) {
    this.#state = new FunctionState(options)
    this.#store = this.#state.store
    this.#counts = this.#state.counts
    this.#clock = this.#state.clock
    this.#isQuiet = this.#state.emit === undefined
    this.#runs = new LoaderRuns(this.#state)
    this.#calls = new Lookup(this.#state, this.#runs)
    this.#batches = new Batches(this.#state, this.#runs, this.#calls)
  }

  /**
   * Returns the fresh value; or a stale value within `staleWhileRevalidate`, while one refresh runs in the background; or the
   * result of the one fetch for the key. Rejects with the error of the fetch, a `TimeoutError`, an `OptionError`, or the
   * reason of this caller's `signal`.
   */
  get<T extends Value>(key: string, fetch: Fetch<T>, options?: CallOptions): Promise<T> {
    // The fast path of nearly all calls; `#ask` handles the rest.
    if (options !== undefined || !this.#isQuiet || typeof fetch !== 'function' || typeof key !== 'string') {
      return this.#ask(key, fetch, options, 'get')
    }
    const entry = this.#store.peek(key)
    if (entry === undefined) return this.#calls.cold(key, fetch as unknown as Fetch<Value>) as Promise<T>
    if (this.#clock.coarse() >= entry.calmUntil) return this.#ask(key, fetch, options, 'get')
    entry.use()
    this.#counts.hits += 1
    return entry.promise as Promise<T>
  }

  /** Like `get`, but never returns a stale value, even if the fetch fails. */
  getFresh<T extends Value>(key: string, fetch: Fetch<T>, options?: CallOptions): Promise<T> {
    return this.#ask(key, fetch, options, 'getFresh')
  }

  /**
   * Runs the fetch even if a fresh value or a cached error exists, or joins a fetch already in progress, and stores the
   * result. Rejects as `get` does, and never returns a stale value in place of an error.
   */
  refresh<T extends Value>(key: string, fetch: Fetch<T>, options?: CallOptions): Promise<T> {
    return this.#ask(key, fetch, options, 'refresh')
  }

  /**
   * Returns the values of all keys, in order. `fetchMany` receives the keys that are neither stored nor in progress, and
   * returns a Map of their values. A key missing from the Map rejects this call, and all other calls for that key, with a
   * `MissingKeyError`. Rejects as `get` does if one of the keys does.
   */
  getMany<T extends Value>(
    keys: Iterable<string>,
    fetchMany: FetchMany<T>,
    options?: CallOptions,
  ): Promise<Map<string, T>> {
    try {
      const list = checkedKeys(keys)
      checkFunction('fetchMany', fetchMany)
      const settings = settingsOf(this.#state.settings, options)
      const signal = options?.signal
      if (signal?.aborted === true) return rejected(signal.reason)
      const call = { keys: list, settings, signal, fetchMany: fetchMany as unknown as FetchMany<Value> }
      return this.#batches.answer(call) as Promise<Map<string, T>>
    } catch (error) {
      return rejected(error)
    }
  }

  /**
   * Returns a function of the same type whose results are coalesced and stored. Without `key`, the arguments are the key: they
   * must be strings, numbers, bigints, booleans, null or undefined, and a call with any other argument rejects with an
   * `OptionError`. The identity of the object that a method is called on is part of the key, unless the function was put on
   * that object itself. Calls reject as `get` does.
   *
   * @throws {OptionError} for a wrong option
   */
  wrap<F extends (...args: never[]) => Promise<Value>>(
    fn: F,
    options?: WrapOptions<Parameters<F>, KeyThis<F>>,
  ): WrappedFunction<F>
  /** A synchronous function becomes one that returns a promise. */
  wrap<Args extends readonly unknown[], T extends Value>(
    fn: (...args: Args) => T | PromiseLike<T>,
    options?: WrapOptions<Args>,
  ): Wrapped<Args, T>
  wrap<Args extends readonly unknown[], T extends Value>(
    fn: (...args: Args) => T | PromiseLike<T>,
    options: WrapOptions<Args> = {},
  ): Wrapped<Args, T> {
    checkFunction('fn', fn)
    checkOptions(wrapRules, options)
    if (options.key === undefined && this.#state.fleet !== undefined) {
      throw new OptionError('key', undefined, 'a function (...args) => string, where processes share a store')
    }
    this.#wrapped += 1
    const host: WrapHost<T> = {
      ask: (key, fetch, call, mode) => this.#ask(key, fetch, call, mode),
      delete: key => this.delete(key),
      dropTag: tag => this.#state.invalidate([tag]),
    }
    // The number keeps the keys of two functions apart. It comes first, because a name may be any text.
    return new Wrapping(host, fn, options, `${this.#wrapped}#${fn.name}:`).make()
  }

  /**
   * Stores a value. A fetch in progress for the key still answers its callers, but its result is not stored over this value.
   * Takes effect at once; the promise never rejects.
   *
   * @throws {OptionError} for a wrong option, or a thenable in place of a value; {SingleUseError} for a value that can be read only once
   */
  set(key: string, value: Value, options?: SetOptions): Promise<ChangeResult> {
    checkKey(key)
    const settings = settingsOf(this.#state.settings, options, setRules)
    if (isThenable(value)) {
      throw new OptionError('value', value, 'a settled value, not a promise: await it first, or use refresh()')
    }
    const refusal = refusalOf(key, value)
    if (refusal !== undefined) throw refusal
    this.#state.emit?.({ type: 'change', call: 'set', key })
    const entry = this.#runs.store(key, value, settings)
    return this.#runs.fleet?.set(key, value, entry) ?? LOCAL_RESULT
  }

  /** Removes a key; a fetch in progress for it is not stored. Takes effect at once; the promise never rejects. @throws {OptionError} for a wrong key */
  delete(key: string): Promise<ChangeResult> {
    checkKey(key)
    this.#state.drop(key)
    this.#state.emit?.({ type: 'change', call: 'delete', key })
    return this.#state.fleet?.invalidate(key) ?? LOCAL_RESULT
  }

  /** The same for everything that has one of the tags, also for results that turn out to have it. @throws {OptionError} for a wrong tag */
  invalidateTags(...tags: readonly string[]): Promise<ChangeResult> {
    if (!isTags(tags)) throw new OptionError('tags', tags, 'strings')
    this.#state.invalidate(tags)
    this.#state.emit?.({ type: 'change', call: 'invalidateTags', tags })
    return this.#state.fleet?.invalidateTags(tags) ?? LOCAL_RESULT
  }

  /** Removes every key; fetches in progress are not stored. Takes effect at once; the promise never rejects. */
  clear(): Promise<ChangeResult> {
    this.#state.clear()
    this.#state.emit?.({ type: 'change', call: 'clear' })
    return this.#state.fleet?.clear() ?? LOCAL_RESULT
  }

  /** Returns the stored value of a key, if there is one. Starts no fetch, and does not count as a use. @throws {OptionError} for a wrong key */
  peek(key: string): Peeked<Value> | undefined {
    checkKey(key)
    const entry = this.#store.peek(key)
    const now = this.#clock.now()
    const { settings } = this.#state
    if (entry === undefined || entry.isFailure || now >= entry.goneAt(settings)) return undefined
    const { value, freshUntil } = entry
    const age = now - entry.storedAt(settings)
    return { value, state: now < freshUntil ? 'fresh' : 'stale', age, ttl: freshUntil - now }
  }

  /** Counters since construction, and current sizes: a copy. */
  stats(): Stats {
    const { store, flights } = this.#state
    const { evictions, size: entries, bytes } = store
    return { ...this.#counts, evictions, entries, bytes, flights: flights.size }
  }

  /**
   * Empties the cache and stops its timers; fetches in progress finish without being stored. Later calls are neither coalesced
   * nor stored. The promise never rejects.
   */
  close(): Promise<void> {
    return this.#state.close()
  }

  /**
   * The slow path. The fetch that a caller passes determines the type, as in any cache that holds more than one type of value.
   */
  #ask<T extends Value>(key: string, fetch: Fetch<T>, options: CallOptions | undefined, mode: Mode): Promise<T> {
    try {
      checkKey(key)
      checkFunction('fetch', fetch)
      const settings = settingsOf(this.#state.settings, options)
      const signal = options?.signal
      if (signal?.aborted === true) return rejected(signal.reason)
      const call = { key, mode, settings, signal, fetch: fetch as unknown as Fetch<Value> }
      return this.#calls.answer(call) as Promise<T>
    } catch (error) {
      return rejected(error)
    }
  }
}
