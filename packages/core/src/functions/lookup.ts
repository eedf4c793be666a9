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

/** What a call takes: a stale value too, a fresh one only, or none that is stored. */
export type Mode = 'get' | 'getFresh' | 'refresh'

const REQUIREMENTS: Readonly<Record<Mode, FreshnessRequirement>> = { get: 'usable', getFresh: 'fresh', refresh: 'new' }

/** How a caller asks. */
export interface CallSettings {
  readonly mode: Mode
  readonly settings: Settings
  readonly signal: AbortSignal | undefined
}

/** One caller's question. */
export interface Call<Value> extends CallSettings {
  readonly key: string
  readonly fetch: Fetch<Value>
}

/** What a stored entry is good for. */
export type Use = 'fresh' | 'stale' | 'none'

/** Answers calls: from the store, or with what a flight yields. */
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
    const told = this.#runs.fleet?.commitBefore(key, demand, now)
    if (told !== undefined) return this.after(told, call.signal, () => this.answer(call))
    const joined = this.join(key, now)
    const flight = joined ?? this.lead({ key, settings, requirement: demand }, entry, now)
    if (joined === undefined) this.#runs.run(flight, fetch)
    return this.wait(call, flight, entry, joined === undefined ? undefined : () => this.answer(call))
  }

  /** A get for a key that is not stored, with no options of its own: `answer` without what it would not need. */
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

  /** What an entry that is not gone is good for. A failure that is kept is as fresh as a value. */
  useOf(entry: Entry<Value>, mode: Mode, now: number): Use {
    if (mode === 'refresh') return 'none'
    if (now < entry.freshUntil) return 'fresh'
    if (mode === 'getFresh') return 'none'
    // Past staleWhileRevalidate it is given only in the place of a failure: while the next try backs off, of the last one.
    return now < entry.staleUntil(this.#state.settings) || now < entry.retryAt ? 'stale' : 'none'
  }

  /** Counts the use, and starts the flight that is to refresh the entry behind it, if one is due. */
  reuse(entry: Entry<Value>, use: 'fresh' | 'stale', settings: Settings, now: number): Flight<Value> | undefined {
    const { counts, emit } = this.#state
    if (use === 'fresh') counts.hits += 1
    else counts.staleHits += 1
    emit?.({ type: 'hit', key: entry.key, stale: use === 'stale' })
    if (entry.isFailure || now < entry.retryAt || (use === 'fresh' && !this.#isDrawn(entry, now))) return undefined
    return this.#runs.refreshInBackground(entry, use === 'fresh' ? 'early' : 'stale', settings, now)
  }

  /** The answer to one who asks only after that, unless it has left by then. */
  after(told: Promise<void>, signal: AbortSignal | undefined, ask: () => Promise<Value>): Promise<Value> {
    if (signal === undefined) return told.then(ask)
    return new Promise<Value>((resolve, reject) => {
      const stay = onAbort(signal, () => reject(signal.reason))
      const asked = told.then(() => {
        stay()
        return signal.aborted ? rejected<Value>(signal.reason) : ask()
      })
      asked.then(resolve, reject)
    })
  }

  /** The flight to wait for, if there is one. */
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
    // Not before: a listener that asks for the key must find it in flight.
    this.#state.emit?.({ type: 'miss', key: wanted.key })
    return flight
  }

  /**
   * What the flight yields for one caller.
   *
   * @param entry what is stored for the key, and not good enough by itself
   * @param again for one who joined: asks anew, where the flight turns out to have been fenced before this caller came
   */
  wait(
    { mode, signal, settings }: CallSettings,
    flight: Flight<Value>,
    entry: Entry<Value> | undefined,
    again: (() => Promise<Value>) | undefined,
  ): Promise<Value> {
    // A tag was invalidated since it began; whether it bears that tag is known only when it lands.
    const { tags } = this.#state
    let { promise } = flight
    if (again !== undefined && tags.moment !== flight.tagMoment) {
      const invalidated = tags.invalidatedSince(flight.tagMoment)
      // Nothing is run for a caller that has left.
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
   * What the flight yields; or the stale value, where it fails or takes longer than the soft timeout, or where the shared
   * store has one that may be given at once.
   *
   * @param stored what is at hand; else it is what the flight finds in the shared store
   */
  #orStale(
    promise: Promise<Value>,
    flight: Flight<Value>,
    stored: Entry<Value> | undefined,
    { settings, signal }: Pick<CallSettings, 'settings' | 'signal'>,
  ): Promise<Value> {
    let isAnswered = false
    // One that has left, or has its answer, is given nothing, and does not count.
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
