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
 * A cache of values by key whose fetches never run twice at once: the first caller on a missing key starts the fetch,
 * all others share its promise. Values are shared by reference: freeze what callers must not change.
 */
export class Stampede<Value = unknown> {
  readonly #state: FunctionState<Value>
  readonly #store: MemoryStore<Entry<Value>>
  readonly #counts: FunctionCounts
  readonly #clock: FullClock
  readonly #runs: LoaderRuns<Value>
  readonly #calls: Lookup<Value>
  readonly #batches: Batches<Value>
  /** Nobody listens: a hit has nothing to tell. */
  readonly #isQuiet: boolean
  #wrapped = 0

  /** @throws {OptionError} for a wrong option, naming it */
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
   * The fresh value; or a stale one within `staleWhileRevalidate`, with one refresh started in the background; or
   * what the one flight for the key yields. Rejects with the fetch's own error, a `TimeoutError`, an `OptionError`, or
   * the reason of this caller's `signal`.
   */
  get<T extends Value>(key: string, fetch: Fetch<T>, options?: CallOptions): Promise<T> {
    // The way of nearly all calls; whatever is not as usual goes the long way.
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

  /** As `get`, but never a stale value, whatever fails. Rejects as `get` does. */
  getFresh<T extends Value>(key: string, fetch: Fetch<T>, options?: CallOptions): Promise<T> {
    return this.#ask(key, fetch, options, 'getFresh')
  }

  /**
   * Runs the fetch though a fresh value or a kept failure is there, or joins a flight that is under way; stores the
   * result. Rejects as `get` does, and gives no stale value in the place of a failure.
   */
  refresh<T extends Value>(key: string, fetch: Fetch<T>, options?: CallOptions): Promise<T> {
    return this.#ask(key, fetch, options, 'refresh')
  }

  /**
   * The values of all keys, in their order. `fetchMany` is called with those that are neither stored nor in flight, and
   * gives a Map of them; a key that it leaves out rejects this call, and those for that key, with a
   * `MissingKeyError`. Rejects as `get` does where one of the keys does.
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
   * A function of the same type whose results are shared and stored. Without `key`, arguments make the key by
   * themselves, where they are strings, numbers, bigints, booleans, null or undefined; a call with any other rejects with an
   * `OptionError`. The object that it is called on is part of that key by its identity, unless it is the one that the function was
   * put on. Calls reject as `get` does.
   *
   * @throws {OptionError} for a wrong option, when the function is made
   */
  wrap<F extends (...args: never[]) => Promise<Value>>(
    fn: F,
    options?: WrapOptions<Parameters<F>, KeyThis<F>>,
  ): WrappedFunction<F>
  /** A function that is not asynchronous gets a promise. */
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
    // Two functions never share a key of this kind: the number stands first, as a name may be any text.
    return new Wrapping(host, fn, options, `${this.#wrapped}#${fn.name}:`).make()
  }

  /**
   * Stores a value. What is in flight is fenced: its callers get its result, which is not stored over this one.
   * Takes effect at once; the promise never rejects.
   *
   * @throws {OptionError} for a wrong option, or a thenable in place of a value; {SingleUseError} for what can be read only once
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

  /** Drops a key, and fences what is in flight for it. At once; the promise never rejects. @throws {OptionError} for a wrong key */
  delete(key: string): Promise<ChangeResult> {
    checkKey(key)
    this.#state.drop(key)
    this.#state.emit?.({ type: 'change', call: 'delete', key })
    return this.#state.fleet?.invalidate(key) ?? LOCAL_RESULT
  }

  /** The same for all that bears one of the tags, or turns out to when it lands. @throws {OptionError} for a wrong tag */
  invalidateTags(...tags: readonly string[]): Promise<ChangeResult> {
    if (!isTags(tags)) throw new OptionError('tags', tags, 'strings')
    this.#state.invalidate(tags)
    this.#state.emit?.({ type: 'change', call: 'invalidateTags', tags })
    return this.#state.fleet?.invalidateTags(tags) ?? LOCAL_RESULT
  }

  /** Drops every key, and fences all that is in flight. Takes effect at once; the promise never rejects. */
  clear(): Promise<ChangeResult> {
    this.#state.clear()
    this.#state.emit?.({ type: 'change', call: 'clear' })
    return this.#state.fleet?.clear() ?? LOCAL_RESULT
  }

  /** What is stored for a key, if a value is. Starts nothing, and does not count as a use. @throws {OptionError} for a wrong key */
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

  /** Counts since construction, and what is held now: a copy. */
  stats(): Stats {
    const { store, flights } = this.#state
    const { evictions, size: entries, bytes } = store
    return { ...this.#counts, evictions, entries, bytes, flights: flights.size }
  }

  /**
   * Drops all that is stored, detaches all flights, and stops the timers. Calls that come later run their work alone, and
   * nothing is stored any more. The promise never rejects.
   */
  close(): Promise<void> {
    return this.#state.close()
  }

  /**
   * The long way. The caller vouches for the value's type by the fetch that it passes, as in any cache that holds more
   * than one type of value.
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
