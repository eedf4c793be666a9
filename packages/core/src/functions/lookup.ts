import { after, timeOr } from '../base/clock.ts'
import type { Fetch } from './state/context.ts'
import { refreshesEarly } from './state/early-refresh.ts'
import type { Entry } from './state/entry.ts'
import { rejected } from '../base/errors.ts'
import type { FreshnessRequirement, Flight } from './state/flight.ts'
import type { FunctionState } from './state/function-state.ts'
import { onAbort } from '../base/abort-listeners.ts'
import type { Settings } from './state/function-options.ts'
import type { LoaderRuns, FlightRequest } from './loader-runs.ts'

/** What a call accepts: a stale value too, a fresh value only, or no stored value. */
export type Mode = 'get' | 'getFresh' | 'refresh'

const REQUIREMENTS: Readonly<Record<Mode, FreshnessRequirement>> = { get: 'usable', getFresh: 'fresh', refresh: 'new' }

/** The settings of one call. */
export interface CallSettings {
  readonly mode: Mode
  readonly settings: Settings
  readonly signal: AbortSignal | undefined
}

/** One call. */
export interface Call<Value> extends CallSettings {
  readonly key: string
  readonly fetch: Fetch<Value>
}

/** What a stored entry is good for. */
export type Use = 'fresh' | 'stale' | 'none'

/** Answers calls: from the store, or with the result of a flight. */
export class Lookup<Value> {
  readonly #state: FunctionState<Value>
  readonly #runs: LoaderRuns<Value>

  constructor(state: FunctionState<Value>, runs: LoaderRuns<Value>) {
    this.#state = state
    this.#runs = runs
  }

  answer(call: Call<Value>): Promise<Value> {
    const { key, settings, fetch } = call
    const now = this.#state.clock.now()
    const entry = this.#state.store.get(key, now)
    if (entry !== undefined) {
      const use = this.useOf(entry, call.mode, now)
      if (use !== 'none') {
        const refreshed = this.reuse(entry, use, settings, now)
        if (refreshed !== undefined) this.#runs.run(refreshed, fetch)
        return entry.promise
      }
    }
    const demand = REQUIREMENTS[call.mode]
    const commit = this.#runs.fleet?.commitBefore(key, demand, now)
    if (commit !== undefined) return this.after(commit, call.signal, () => this.answer(call))
    const joined = this.join(key, now)
    const flight = joined ?? this.lead({ key, settings, requirement: demand }, entry, now)
    if (joined === undefined) this.#runs.run(flight, fetch)
    return this.wait(call, flight, entry, joined === undefined ? undefined : () => this.answer(call))
  }

  /** The fast path for a key that is not stored and a call without options. */
  cold(key: string, fetch: Fetch<Value>): Promise<Value> {
    const { flights, tags, clock, counts, settings, fleet, deadlines } = this.#state
    if (fleet !== undefined) return this.answer({ key, fetch, settings, mode: 'get', signal: undefined })
    const present = flights.peek(key)
    if (present !== undefined) {
      const now = clock.coarse()
      if (present.isOpen(now, tags.moment)) {
        counts.collapsed += 1
        deadlines.renew(present, now)
        present.hold()
        return present.promise
      }
      return this.answer({ key, fetch, settings, mode: 'get', signal: undefined })
    }
    const flight = this.lead({ key, settings }, undefined, clock.now())
    this.#runs.run(flight, fetch)
    flight.hold()
    return flight.promise
  }

  /** What an unexpired entry is good for. A cached error is as fresh as a value. */
  useOf(entry: Entry<Value>, mode: Mode, now: number): Use {
    if (mode === 'refresh') return 'none'
    if (now < entry.freshUntil) return 'fresh'
    if (mode === 'getFresh') return 'none'
    // After staleWhileRevalidate it is returned only in place of a failure: during the back-off, of the last one.
    return now < entry.staleUntil(this.#state.settings) || now < entry.retryAt ? 'stale' : 'none'
  }

  /** Counts the use, and starts a background refresh if one is due. */
  reuse(entry: Entry<Value>, use: 'fresh' | 'stale', settings: Settings, now: number): Flight<Value> | undefined {
    const { counts, emit } = this.#state
    if (use === 'fresh') counts.hits += 1
    else counts.staleHits += 1
    emit?.({ type: 'hit', key: entry.key, stale: use === 'stale' })
    if (entry.isFailure || now < entry.retryAt || (use === 'fresh' && !this.#isDrawn(entry, now))) return undefined
    return this.#runs.refreshInBackground(entry, use === 'fresh' ? 'early' : 'stale', settings, now)
  }

  /** The answer to a call that must wait for a commit first, unless the caller aborts before that. */
  after(commit: Promise<void>, signal: AbortSignal | undefined, ask: () => Promise<Value>): Promise<Value> {
    if (signal === undefined) return commit.then(ask)
    return new Promise<Value>((resolve, reject) => {
      const stay = onAbort(signal, () => reject(signal.reason))
      const asked = commit.then(() => {
        stay()
        return signal.aborted ? rejected<Value>(signal.reason) : ask()
      })
      asked.then(resolve, reject)
    })
  }

  /** The flight to join, if there is one. */
  join(key: string, now: number): Flight<Value> | undefined {
    const { flights, counts, emit, deadlines } = this.#state
    const flight = flights.current(key, now)
    if (flight === undefined) return undefined
    counts.collapsed += 1
    deadlines.renew(flight, now)
    emit?.({ type: 'collapse', key })
    return flight
  }

  lead(wanted: FlightRequest, entry: Entry<Value> | undefined, now: number): Flight<Value> {
    this.#state.counts.misses += 1
    const flight = this.#runs.start(wanted, entry?.isFailure === true ? undefined : entry, now)
    // Emitted after the start: a listener that calls for the key must find it in progress.
    this.#state.emit?.({ type: 'miss', key: wanted.key })
    return flight
  }

  /**
   * The result of the flight for one caller.
   *
   * @param entry the stored entry, which alone does not satisfy the call
   * @param again for a caller that joined: asks again, if the flight turns out to have been fenced before the call
   */
  wait(
    { mode, signal, settings }: CallSettings,
    flight: Flight<Value>,
    entry: Entry<Value> | undefined,
    again: (() => Promise<Value>) | undefined,
  ): Promise<Value> {
    // A tag was invalidated after the start. Whether the result has that tag is known only at the end.
    const { tags } = this.#state
    let { promise } = flight
    if (again !== undefined && tags.moment !== flight.tagMoment) {
      const invalidated = tags.invalidatedSince(flight.tagMoment)
      // No fetch runs for a caller that has aborted.
      const asksAnew = (): boolean => signal?.aborted !== true && flight.tags.some(tag => invalidated.includes(tag))
      promise = promise.then(
        value => (asksAnew() ? again() : value),
        (reason: unknown) => (asksAnew() ? again() : rejected(reason)),
      )
    }
    const isStaleAtHand = entry !== undefined && this.#isUsable(entry)
    if (mode === 'get' && (isStaleAtHand || this.#state.fleet !== undefined)) {
      promise = this.#orStale(promise, flight, isStaleAtHand ? entry : undefined, { settings, signal })
    }
    if (signal !== undefined) return flight.joinUntil(signal, promise)
    flight.hold()
    return promise
  }

  #isDrawn(entry: Entry<Value>, now: number): boolean {
    const { key, freshUntil, calmUntil, duration } = entry
    const { earlyRefresh: beta } = entry.settings(this.#state.settings)
    if (beta === 0 || now < calmUntil) return false
    return refreshesEarly({ now, freshUntil, beta, duration, draw: this.#state.draw(key) })
  }

  /**
   * The result of the flight; or the stale value, if the flight fails or exceeds the soft timeout, or if the shared
   * store has a stale value that may be returned at once.
   *
   * @param stored the stale value in memory; otherwise the one that the flight finds in the shared store
   */
  #orStale(
    promise: Promise<Value>,
    flight: Flight<Value>,
    stored: Entry<Value> | undefined,
    { settings, signal }: Pick<CallSettings, 'settings' | 'signal'>,
  ): Promise<Value> {
    let isAnswered = false
    // A caller that has aborted, or has its answer, gets nothing and does not count.
    const usable = (): Entry<Value> | undefined => {
      const entry = stored ?? flight.replaced
      return !isAnswered && signal?.aborted !== true && entry !== undefined && this.#isUsable(entry) ? entry : undefined
    }
    return new Promise<Value>((resolve, reject) => {
      const stopTimer = after(this.#state.clock, settings.softTimeout, () => {
        const entry = usable()
        if (entry === undefined) return
        isAnswered = true
        resolve(this.#fallBack(entry, 'softTimeout'))
      })
      flight.whenStale(entry => {
        isAnswered = true
        resolve(entry.value)
      })
      promise.then(
        value => {
          stopTimer()
          resolve(value)
        },
        (reason: unknown) => {
          stopTimer()
          const entry = usable()
          if (entry === undefined) reject(reason)
          else resolve(this.#fallBack(entry, 'error'))
        },
      )
    })
  }

  #isUsable(entry: Entry<Value>): boolean {
    const { clock, settings } = this.#state
    return (
      !entry.isFailure && !entry.isRemoved && timeOr(Number.POSITIVE_INFINITY, clock) < entry.fallbackUntil(settings)
    )
  }

  #fallBack(entry: Entry<Value>, reason: 'error' | 'softTimeout'): Value {
    this.#state.counts.fallbacks += 1
    this.#state.emit?.({ type: 'fallback', key: entry.key, reason })
    return entry.value
  }
}
