import type { Lookup } from './lookup.ts'
import { CheckedResultOptions, type ResultOptions } from './state/context.ts'
import { isThenable, MissingKeyError } from '../base/errors.ts'
import type { LookupResult } from './fleet/store-lookup.ts'
import type { LeasedRuns } from './fleet/leased-runs.ts'
import type { Flight } from './state/flight.ts'
import type { FunctionState } from './state/function-state.ts'
import type { Settings } from './state/function-options.ts'
import type { LoaderRuns } from './loader-runs.ts'

/** What a `fetchMany` can read about its call, and set for its results. */
export interface BatchContext<Value> {
  /** Aborts when all keys have timed out, or when all callers of all keys have aborted. Created on first access. */
  readonly signal: AbortSignal
  /** The stale values that the results replace, by key. */
  readonly stale: ReadonlyMap<string, Value>
  /** Set it to change the freshness lifetime of these results, milliseconds. Default: that of the call. */
  ttl: number | undefined
  /** Set them to add tags to these results, for `invalidateTags`. Default: none. */
  tags: readonly string[] | undefined
  /** Set it to true so that these results are not stored. Default: false. */
  noStore: boolean
}

/** The function that computes the values of several keys: a Map of values, not of promises. A missing key is a `MissingKeyError`. */
export type FetchMany<Value> = (
  keys: readonly string[],
  context: BatchContext<Value>,
) => ReadonlyMap<string, Value> | PromiseLike<ReadonlyMap<string, Value>>

/** One call for several keys. */
export interface BatchCall<Value> {
  readonly keys: readonly string[]
  readonly settings: Settings
  readonly signal: AbortSignal | undefined
  readonly fetchMany: FetchMany<Value>
}

/** Answers calls for several keys. Each key is stored, joined and fenced like any other. */
export class Batches<Value> {
  readonly #state: FunctionState<Value>
  readonly #runs: LoaderRuns<Value>
  readonly #calls: Lookup<Value>

  constructor(state: FunctionState<Value>, runs: LoaderRuns<Value>, calls: Lookup<Value>) {
    this.#state = state
    this.#runs = runs
    this.#calls = calls
  }

  async answer(call: BatchCall<Value>): Promise<Map<string, Value>> {
    const led: Flight<Value>[] = []
    const behind: Flight<Value>[] = []
    const answers = call.keys.map(key => this.#answerOne(key, call, led, behind))
    this.#run(led, call.fetchMany)
    this.#run(behind, call.fetchMany)
    const values = await Promise.all(answers)
    return new Map(call.keys.map((key, index) => [key, values[index] as Value]))
  }

  /** Adds the flights that this batch must run: those with waiting callers, and background refreshes. */
  #answerOne(key: string, call: BatchCall<Value>, led: Flight<Value>[], behind: Flight<Value>[]): Promise<Value> {
    const asked = { ...call, mode: 'get' } as const
    const now = this.#state.clock.now()
    const entry = this.#state.store.get(key, now)
    if (entry !== undefined) {
      const use = this.#calls.useOf(entry, asked.mode, now)
      if (use !== 'none') {
        const refreshed = this.#calls.reuse(entry, use, call.settings, now)
        if (refreshed !== undefined) behind.push(refreshed)
        return entry.promise
      }
    }
    const again = async (): Promise<Value> => (await this.answer({ ...call, keys: [key] })).get(key) as Value
    const commit = this.#runs.fleet?.commitBefore(key, 'usable', now)
    if (commit !== undefined) return this.#calls.after(commit, call.signal, again)
    const joined = this.#calls.join(key, now)
    const flight = joined ?? this.#calls.lead({ key, settings: call.settings }, entry, now)
    if (joined === undefined) led.push(flight)
    return this.#calls.wait(asked, flight, entry, joined === undefined ? undefined : again)
  }

  /** Runs the fetch of several keys, except those whose values other processes have. */
  #run(flights: readonly Flight<Value>[], fetchMany: FetchMany<Value>): void {
    const { fleet } = this.#runs
    if (fleet === undefined) return this.#runHere(flights, fetchMany)
    this.#runHere(
      flights.filter(({ isCurrent }) => !isCurrent),
      fetchMany,
    )
    void this.#runInFleet(
      flights.filter(({ isCurrent }) => isCurrent),
      fetchMany,
      fleet,
    )
  }

  /** A key that another process is fetching does not delay the others. */
  async #runInFleet(
    flights: readonly Flight<Value>[],
    fetchMany: FetchMany<Value>,
    fleet: LeasedRuns<Value>,
  ): Promise<void> {
    const asked = await Promise.all(flights.map(async flight => ({ flight, answered: await fleet.ask(flight, 0) })))
    const flightsThat = (wanted: LookupResult): readonly Flight<Value>[] =>
      asked.flatMap(({ flight, answered }) => (answered === wanted ? [flight] : []))
    this.#begin(flightsThat('run'), fetchMany, fleet)
    for (const flight of flightsThat('busy')) this.#runLater(flight, fetchMany, fleet)
  }

  #runLater(flight: Flight<Value>, fetchMany: FetchMany<Value>, fleet: LeasedRuns<Value>): void {
    void fleet.ask(flight, flight.settings.timeout).then(answered => {
      if (answered !== 'done') this.#begin([flight], fetchMany, fleet)
    })
  }

  #begin(flights: readonly Flight<Value>[], fetchMany: FetchMany<Value>, fleet: LeasedRuns<Value>): void {
    // All callers of one key may have aborted while the store was asked for the others.
    const wanted = flights.filter(({ isSettled }) => !isSettled)
    for (const flight of wanted) fleet.begin(flight)
    this.#runHere(wanted, fetchMany)
  }

  #runHere(flights: readonly Flight<Value>[], fetchMany: FetchMany<Value>): void {
    if (flights.length === 0) return
    this.#state.counts.fetches += flights.length
    const context = new Context(flights)
    const keys = flights.map(({ key }) => key)
    new Promise<ReadonlyMap<string, Value>>(resolve => resolve(fetchMany(keys, context))).then(
      values => this.#landed(flights, values, context),
      (reason: unknown) => this.#failed(flights, reason, context),
    )
  }

  /** Every value that arrived is stored before a missing key rejects. */
  #landed(flights: readonly Flight<Value>[], values: ReadonlyMap<string, Value>, wishes: ResultOptions): void {
    try {
      const map = mapOf<Value>(values)
      for (const flight of flights) {
        if (map.has(flight.key)) this.#landOne(flight, map.get(flight.key) as Value, wishes)
      }
      for (const flight of flights) {
        if (!map.has(flight.key)) this.#runs.failed(flight, new MissingKeyError(flight.key), wishes)
      }
    } catch (error) {
      // A resolved flight stays resolved, and is not late.
      const others = flights.filter(({ isSettled }) => !isSettled)
      this.#failed(others, error, wishes)
    }
  }

  #landOne(flight: Flight<Value>, value: Value, wishes: ResultOptions): void {
    try {
      if (!isThenable(value)) return this.#runs.resolved(flight, value, wishes)
    } catch (error) {
      // Its `then` cannot be read: that is an error of this value alone.
      return this.#runs.failed(flight, error, wishes)
    }
    // Nobody handles its rejection, which must not end the process.
    value.then(noop, noop)
    const reason = `stampede: fetchMany gave a promise for key "${flight.key}"; await the values before they go into its Map`
    this.#runs.failed(flight, new TypeError(reason), wishes)
  }

  #failed(flights: readonly Flight<Value>[], reason: unknown, wishes: ResultOptions): void {
    for (const flight of flights) this.#runs.failed(flight, reason, wishes)
  }
}

class Context<Value> extends CheckedResultOptions implements BatchContext<Value> {
  readonly stale: ReadonlyMap<string, Value>
  readonly #flights: readonly Flight<Value>[]
  #controller: AbortController | undefined

  constructor(flights: readonly Flight<Value>[]) {
    super()
    this.#flights = flights
    this.stale = new Map(
      flights.flatMap(({ key, replaced }) => (replaced === undefined ? [] : [[key, replaced.value]])),
    )
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController()
      this.#controller = controller
      let wanted = this.#flights.length
      for (const { signal } of this.#flights) {
        const unwant = (): void => {
          wanted -= 1
          if (wanted === 0) controller.abort(signal.reason)
        }
        if (signal.aborted) unwant()
        else signal.addEventListener('abort', unwant)
      }
    }
    return this.#controller.signal
  }
}

/** A copy, because a subclass of Map may do anything, and a Map of another realm fails `instanceof`. */
function mapOf<Value>(values: unknown): ReadonlyMap<string, Value> {
  if (Object.prototype.toString.call(values) === '[object Map]') return new Map(values as ReadonlyMap<string, Value>)
  throw new TypeError('stampede: fetchMany returned no Map; it returns a Map of all its keys')
}

function noop(): void {}
