import { type FullClock, resolveClock } from '../../base/clock.ts'
import { Deadlines } from '../../base/deadlines.ts'
import { contained } from '../../base/emitter.ts'
import { StoreClient } from '../../fleet/store-client.ts'
import type { Entry } from './entry.ts'
import type { Flight } from './flight.ts'
import { FlightTable } from '../../flights/flight-table.ts'
import type { StampedeEvent } from './function-events.ts'
import { resolveStampedeOptions, type Settings, type StampedeOptions } from './function-options.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import type { FunctionCounts } from './stats.ts'
import type { LocalTier, SharedStore } from '../../fleet/shared-store.ts'
import { Sweeper } from '../../store/sweeper.ts'
import { Tags } from '../../store/tags.ts'

/** The state that all calls of one instance share. */
export class FunctionState<Value> {
  readonly settings: Settings
  readonly clock: FullClock
  readonly store: MemoryStore<Entry<Value>>
  readonly flights: FlightTable<Flight<Value>>
  readonly deadlines: Deadlines
  readonly tags: Tags = new Tags()
  readonly sweeper: Sweeper
  readonly counts: FunctionCounts = {
    hits: 0,
    staleHits: 0,
    misses: 0,
    collapsed: 0,
    fallbacks: 0,
    sharedHits: 0,
    fetches: 0,
    errors: 0,
  }
  /** `undefined` without a listener, so that no event need be made. */
  readonly emit: ((event: StampedeEvent) => void) | undefined
  /** The shared store, if there is one. */
  readonly fleet: StoreClient | undefined
  /** Nothing is coalesced or stored any more. */
  isClosed = false
  readonly #evicted: string[] = []
  readonly #random: () => number
  readonly #sizeOf: ((value: Value, key: string) => number) | undefined

  constructor(options: StampedeOptions<Value> | undefined) {
    const { maxEntries, maxBytes, sizeOf, maxFlights, clock, random, onEvent, store, ...settings } =
      resolveStampedeOptions(options)
    this.settings = { ...settings, tags: [] }
    this.clock = resolveClock(clock)
    this.#random = random
    const goneAt = (entry: Entry<Value>): number => entry.goneAt(this.settings)
    this.store = new MemoryStore<Entry<Value>>(maxEntries, maxBytes, goneAt, ({ key, tags }, why) => {
      if (tags.length > 0) this.tags.remove(key, tags)
      if (why === 'evicted' && this.emit !== undefined) this.#evicted.push(key)
    })
    this.flights = new FlightTable<Flight<Value>>(maxFlights)
    this.deadlines = new Deadlines(this.clock)
    this.sweeper = new Sweeper(this.clock, this.store)
    this.emit = contained(onEvent)
    this.#sizeOf = sizeOf
    this.fleet = store && this.#join(store)
  }

  /** A draw from 0 to 1; 0, which has no effect, if `random` fails. */
  draw(key: string): number {
    try {
      const drawn: unknown = this.#random()
      if (typeof drawn === 'number' && drawn >= 0 && drawn <= 1) return drawn
      throw new TypeError(`stampede: option "random" returned ${String(drawn)}; it returns a number from 0 to 1`)
    } catch (error) {
      this.emit?.({ type: 'error', key, error })
      return 0
    }
  }

  /** Emitted after the store has finished: a listener may change the store again. */
  emitEvicted(): void {
    if (this.#evicted.length === 0) return
    for (const key of this.#evicted.splice(0)) this.emit?.({ type: 'evict', key })
  }

  /** The size of an entry, with its key at two bytes per character; `undefined` if `sizeOf` fails. */
  bytesOf(value: Value, key: string): number | undefined {
    if (this.#sizeOf === undefined) return 0
    try {
      const size: unknown = this.#sizeOf(value, key)
      if (typeof size === 'number' && size >= 0) return Math.ceil(size) + this.bytesOfKey(key)
      throw new TypeError(`stampede: option "sizeOf" returned ${String(size)}; it returns a number of bytes, 0 or more`)
    } catch (error) {
      this.emit?.({ type: 'error', key, error })
      return undefined
    }
  }

  /** The size of an entry without a value. */
  bytesOfKey(key: string): number {
    return this.#sizeOf === undefined ? 0 : 2 * key.length
  }

  /** An entry was stored. */
  added(entry: Entry<Value>): void {
    const { settings, tags, sweeper } = this
    if (entry.tags.length > 0) tags.add(entry.key, entry.tags)
    sweeper.expect(entry.storedAt(settings), entry.goneAt(settings))
    this.emitEvicted()
  }

  drop(key: string): void {
    this.store.delete(key)
    this.flights.forget(key)
  }

  /** Removes and fences everything that has one of the tags. */
  invalidate(tags: readonly string[]): void {
    for (const tag of tags) {
      for (const key of this.tags.keysOf(tag)) {
        this.drop(key)
      }
      // More fences than can be remembered: any flight may turn out to have one of the tags.
      if (!this.tags.fence(tag)) this.flights.forgetAll()
    }
    this.flights.forgetWhere(({ settings }) => settings.tags.some(tag => tags.includes(tag)))
    if (this.flights.size === 0) this.tags.forgetFences()
  }

  clear(): void {
    this.store.clear()
    this.flights.forgetAll()
    this.tags.clear()
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.clear()
    this.sweeper.stop()
    this.deadlines.stopWhenIdle()
    await this.fleet?.close()
  }

  #join(store: SharedStore): StoreClient {
    const local: LocalTier = {
      space: 'f',
      drop: keys => {
        for (const key of keys) this.drop(key)
      },
      dropTags: tags => this.invalidate(tags),
      dropAll: () => this.clear(),
      emit: event => this.emit?.(event),
    }
    return new StoreClient(store, local, this.clock, (key, error) => this.emit?.({ type: 'error', key, error }))
  }
}
