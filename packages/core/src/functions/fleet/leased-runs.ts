import { type LookupResult, StoreLookup } from './store-lookup.ts'
import type { Entry } from '../state/entry.ts'
import type { StoreClient } from '../../fleet/store-client.ts'
import type { FreshnessRequirement, Flight } from '../state/flight.ts'
import type { FunctionState } from '../state/function-state.ts'
import { entryOfRecord } from './shared-entry.ts'
import { encodeValue } from './shared-value.ts'
import type { ChangeResult } from '../../fleet/change-result.ts'
import type { Committed, NewRecord, SharedLease, SharedRecord, AcquireResult } from '../../fleet/shared-store.ts'
import { PendingCommits } from './pending-commits.ts'
import { warn } from '../../base/warning.ts'

/** How long other processes do not wait for a key whose last value could not be shared, milliseconds. */
const UNSHARED_MS = 10_000
/** A store that never answers must not hold a flight forever: its time limit, as a multiple of `timeout`. */
const PATIENCE = 2

const NOT_KEPT = { ttl: 0, staleWhileRevalidate: 0, staleIfError: 0 }
const NOT_SHARED: ChangeResult = Object.freeze({ fleet: false })

/** Receives results of flights whose fetch did not run here. */
export interface ResultReceiver<Value> {
  /** The value came from another process. `entry` is to be stored, if it may be. */
  resolvedFromStore(flight: Flight<Value>, value: Value, entry: Entry<Value> | undefined): void
  failedInFleet(flight: Flight<Value>, reason: unknown): void
}

/** The part of a flight that the fleet shares: which process runs the fetch, and what the others get. */
export class LeasedRuns<Value> {
  readonly #state: FunctionState<Value>
  readonly #commits = new PendingCommits<Flight<Value>>()
  readonly #store: StoreClient
  readonly #receiver: ResultReceiver<Value>
  #hasWarned = false
  /** One function for all look-ups. */
  readonly #tookTooLong = (lookup: StoreLookup<Value>): void => {
    const { flight } = lookup
    this.#state.emit?.({ type: 'degrade', key: flight.key, reason: 'the store took too long' })
    this.#answer(lookup, this.#runHere(flight))
  }

  constructor(state: FunctionState<Value>, fleet: StoreClient, landing: ResultReceiver<Value>) {
    this.#state = state
    this.#store = fleet
    this.#receiver = landing
  }

  /**
   * Asks the store for the value of a flight, in bounded time. The fetch has its own time limit from when it begins.
   *
   * @param wait how long to wait for another process that runs the fetch, milliseconds
   */
  ask(flight: Flight<Value>, wait: number): Promise<LookupResult> {
    const { deadlines, clock } = this.#state
    const lookup = new StoreLookup(flight, this.#tookTooLong)
    deadlines.stop(flight)
    deadlines.start(lookup, clock.now(), flight.settings.timeout * PATIENCE)
    flight.overdueAt = lookup.dueAt
    void this.#ask(lookup, wait)
    return lookup.answered
  }

  /** The fetch of a flight begins now, with its whole time limit. */
  begin(flight: Flight<Value>): void {
    const { deadlines, clock } = this.#state
    flight.startedAt = clock.now()
    deadlines.start(flight, flight.startedAt, flight.settings.timeout)
  }

  /**
   * The end of a commit in progress whose result does not satisfy this call. Only then the lease is free for another
   * run.
   */
  commitBefore(key: string, demand: FreshnessRequirement, now: number): Promise<void> | undefined {
    // The fast path of nearly all calls.
    if (this.#commits.isEmpty) return undefined
    const flight = this.#state.flights.current(key, now)
    return flight && this.#commits.endOf(flight, demand === 'new' ? Number.POSITIVE_INFINITY : now)
  }

  async #ask(lookup: StoreLookup<Value>, wait: number): Promise<void> {
    const { flight } = lookup
    try {
      const record = flight.requirement === 'new' ? undefined : await this.#store.read(flight.key)
      const isDone = !lookup.isWanted || (record !== undefined && this.#reuse(flight, record))
      this.#answer(lookup, isDone ? 'done' : await this.#acquire(lookup, wait, record))
    } catch (error) {
      this.#state.emit?.({ type: 'error', key: flight.key, error })
      this.#answer(lookup, this.#runHere(flight))
    }
  }

  async #acquire(lookup: StoreLookup<Value>, wait: number, record: SharedRecord | undefined): Promise<LookupResult> {
    const { flight } = lookup
    const { key, settings, requirement } = flight
    const reject = requirement === 'new' ? 'any' : record?.version
    const isWanted = (): boolean => lookup.isWanted
    const turn = await this.#store.acquire(key, { reject, timeout: settings.timeout, wait, isWanted })
    if (!lookup.isOver) return this.#turn(flight, turn)
    if (turn.kind === 'lead') turn.lease.release()
    return 'done'
  }

  /** An answer after the end of the look-up is discarded. */
  #answer(lookup: StoreLookup<Value>, result: LookupResult): void {
    if (lookup.isOver) return
    this.#state.deadlines.stop(lookup)
    lookup.answer(result)
  }

  /** Continues without the store; the result is kept only for `degradedTtl`. */
  #runHere(flight: Flight<Value>): LookupResult {
    if (flight.isSettled) return 'done'
    flight.maxTtl = this.#store.degradedTtl
    return 'run'
  }

  /** Publishes a result to the fleet. Returns the entry to store here, if there is one. */
  async commit(
    flight: Flight<Value>,
    lease: SharedLease,
    value: Value,
    keep: () => Entry<Value> | undefined,
  ): Promise<Entry<Value> | undefined> {
    const { tags, settings, startedAt } = flight
    const telling = this.#commits.begin(flight)
    const entry = keep()
    if (entry !== undefined) {
      // From now on callers get the new value, and not the old one again if the store refuses the new one.
      this.#state.store.retire(flight.key)
      telling.freshUntil = entry.freshUntil
    }
    const now = this.#state.clock.now()
    // The flight may be joined for as long as the store may take.
    flight.overdueAt = now + settings.timeout
    const committed = await this.#committed(flight, lease, () => {
      return { ...encodeValue(value), ...this.#times(entry), duration: now - startedAt, tags }
    })
    if (committed === 'fenced') this.#state.flights.leave(flight)
    if (committed !== 'unknown') return entry
    flight.maxTtl = this.#store.degradedTtl
    return keep()
  }

  /** The flight has left the table: calls that waited for the commit may continue. */
  committed(flight: Flight<Value>): void {
    this.#commits.end(flight)
  }

  async #committed({ key, settings }: Flight<Value>, lease: SharedLease, make: () => NewRecord): Promise<Committed> {
    let made: NewRecord
    try {
      made = make()
    } catch (error) {
      lease.pass(UNSHARED_MS, 'process')
      this.#reportUnshared(key, error)
      return 'unshared'
    }
    return this.#store.commit(lease, made, settings.timeout)
  }

  /** Publishes a value from outside. Without an entry there is nothing to store, and the existing record is removed. */
  set(key: string, value: Value, entry: Entry<Value> | undefined): Promise<ChangeResult> {
    if (entry === undefined) return this.#store.invalidate(key)
    try {
      return this.#store.set(key, { ...encodeValue(value), ...this.#times(entry), duration: 0, tags: entry.tags })
    } catch (error) {
      this.#reportUnshared(key, error)
      return this.#store.invalidate(key).then(() => NOT_SHARED)
    }
  }

  /** Without a listener, a value that is never shared would be noticed only by its cost. */
  #reportUnshared(key: string, error: unknown): void {
    const { emit } = this.#state
    if (emit !== undefined) return emit({ type: 'error', key, error })
    if (this.#hasWarned) return
    this.#hasWarned = true
    const reason = error instanceof Error ? error.message : String(error)
    warn(
      'STAMPEDE_UNSHARED',
      `${reason} (key ${JSON.stringify(key.slice(0, 60))}; said once, see the option "onEvent")`,
    )
  }

  #times(entry: Entry<Value> | undefined): Pick<NewRecord, 'ttl' | 'staleWhileRevalidate' | 'staleIfError'> {
    if (entry === undefined) return NOT_KEPT
    const { settings } = this.#state
    const { staleWhileRevalidate, staleIfError } = entry.settings(settings)
    return { ttl: entry.freshUntil - entry.storedAt(settings), staleWhileRevalidate, staleIfError }
  }

  #turn(flight: Flight<Value>, turn: AcquireResult): LookupResult {
    if (turn.kind === 'lead') this.#lead(flight, turn.lease)
    if (flight.isSettled) return 'done'
    if (turn.kind === 'busy') return 'busy'
    // A record is judged by its age, also if it could not be read before.
    const isGood = turn.kind === 'hit' && (turn.collapsed || turn.record.ttl > 0)
    if (isGood && this.#take(flight, turn.record, turn.collapsed)) return 'done'
    if (turn.kind === 'fail') {
      this.#receiver.failedInFleet(flight, turn.error)
      return 'done'
    }
    return turn.kind === 'local' ? this.#runHere(flight) : 'run'
  }

  #lead(flight: Flight<Value>, lease: SharedLease): void {
    if (!flight.isSettled && flight.isCurrent) flight.lease = lease
    // The flight was ended or fenced in the meantime: no process must wait for its result.
    else lease.release()
  }

  /**
   * Uses the record if it is fresh. A stale record is what the result replaces, and may be returned in the meantime.
   */
  #reuse(flight: Flight<Value>, record: SharedRecord): boolean {
    if (record.version === flight.replaced?.version) return false
    if (record.ttl > 0) return this.#take(flight, record, false)
    const isWanted = flight.replaced === undefined && flight.isCurrent && this.#mayBeStored(flight, record)
    const entry = isWanted ? entryOfRecord(this.#state, flight, record) : undefined
    if (entry !== undefined && this.#state.store.set(entry)) this.#found(flight, entry)
    return false
  }

  #found(flight: Flight<Value>, stale: Entry<Value>): void {
    const { clock, settings } = this.#state
    this.#state.added(stale)
    flight.replaced = stale
    if (flight.requirement === 'usable' && clock.now() < stale.staleUntil(settings)) flight.offer(stale)
  }

  #take(flight: Flight<Value>, record: SharedRecord, collapsed: boolean): boolean {
    const { key } = flight
    const entry = entryOfRecord(this.#state, flight, record)
    if (entry === undefined) return false
    flight.tags = record.tags
    this.#state.counts.sharedHits += 1
    this.#state.emit?.({ type: 'shared', key, collapsed })
    const isKept = record.ttl > 0 && this.#mayBeStored(flight, record)
    this.#receiver.resolvedFromStore(flight, entry.value, isKept ? entry : undefined)
    return true
  }

  #mayBeStored({ tagMoment }: Flight<Value>, { tags }: SharedRecord): boolean {
    return !this.#state.tags.isFenced(tags, tagMoment)
  }
}
