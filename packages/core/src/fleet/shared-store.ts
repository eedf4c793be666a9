/**
 * The contract of a store that processes share. A process asks the store when its own memory has no usable entry: for
 * the record that another process stored, or for the lease of a key, which only one process holds at a time. All
 * callers of a process are one participant. No promise of this contract rejects: a store in trouble is a miss and an
 * event.
 *
 *     idle -- read --> usable record: done
 *                 '--> acquire --> lead --> commit | fail | pass | release
 *                              '-> hit: stored in the meantime, or handed over by the leader
 *                              '-> fail, pass, busy, local
 */
export interface SharedStore {
  /** Joins the fleet on behalf of one Stampede. Called once by each Stampede that has the store. */
  join(local: LocalTier): SharedTier
}

/** The memory of one Stampede, as the store sees it. None of these functions throws. */
export interface LocalTier {
  /**
   * Separates keys of functions (`f`) from those of HTTP responses (`h`). Keys of responses may hold credentials, so
   * they leave the process only as digests.
   */
  readonly space: 'f' | 'h'
  /** Another process changed these keys: removes their entries and fences their flights. */
  drop(keys: readonly string[]): void
  /** The same for everything that has one of the tags. */
  dropTags(tags: readonly string[]): void
  /** The same for everything: another process cleared it, or changes may have been missed. */
  dropAll(): void
  /** Emits an event of the store. */
  emit(event: SharedStoreEvent): void
}

/** The events of a shared store. */
export type SharedStoreEvent =
  /** The store stopped answering and is not used until it answers again, or it answers again. */
  | { readonly type: 'breaker'; readonly state: 'open' | 'closed'; readonly reason: string }
  /** One key was not shared with the fleet, for this reason. */
  | { readonly type: 'degrade'; readonly key: string; readonly reason: string }
  /** Changes that may have been missed were read again; `flushed`: too many, so the memory was cleared. */
  | { readonly type: 'resync'; readonly flushed: boolean }

/** The part of one Stampede in the fleet. */
export interface SharedTier {
  /**
   * The longest time, milliseconds, for which values computed while the store was unreachable stay in memory. 0: not
   * at all.
   */
  readonly degradedTtl: number
  /**
   * Returns the record of the key, unless it is expired, invalidated or unreadable. Together with `acquire`, it may
   * take twice the time limit of the work (`timeout`, or `waitTimeout`); without a time limit it may take forever.
   */
  read(key: string): Promise<SharedRecord | undefined>
  /** Requests the lease of the key. If another process holds it, waits for the outcome of that process. */
  acquire(key: string, asked: Acquire): Promise<AcquireResult>
  /** Revokes an earlier `pass`: the last result of the key could be shared. */
  allow(key: string): void
  /**
   * Stores a value from outside, over the existing record, and fences work in progress on the key. Resolves with
   * whether the store has it; after half a minute that counts as not.
   */
  set(key: string, made: NewRecord): Promise<boolean>
  /**
   * Removes the keys in the store and in the memory of all other processes, and fences work in progress on them.
   * Resolves as `set` does.
   */
  invalidate(keys: readonly string[]): Promise<boolean>
  /** The same for everything that has one of the tags. */
  invalidateTags(tags: readonly string[]): Promise<boolean>
  /** The same for everything. */
  clear(): Promise<boolean>
  /** Gives back its leases, and releases its own connections and timers. */
  close(): Promise<void>
}

/** The parameters of a lease request. */
export interface Acquire {
  /** The version of a record that was found unusable, and is no hit. `any`: no stored record is usable. */
  readonly reject?: string | undefined
  /** The time limit of the work, milliseconds, until which the lease is renewed. May be `Infinity`. */
  readonly timeout: number
  /** How long to wait for the work of another process, milliseconds; 0: not at all. */
  readonly wait: number
  /** Whether a caller still waits. Checked before the lease is requested again. Default: yes. */
  readonly isWanted?: (() => boolean) | undefined
}

/** What a process must do for a key. */
export type AcquireResult =
  /** Use the record; `collapsed`: another process made it while this one waited. */
  | { readonly kind: 'hit'; readonly record: SharedRecord; readonly collapsed: boolean }
  /** Do the work, and settle the lease. */
  | { readonly kind: 'lead'; readonly lease: SharedLease }
  /** Another process did the work, and failed: its error, as far as it can be serialized. */
  | { readonly kind: 'fail'; readonly error: unknown }
  /** The result cannot be shared: each does its own work, at once and in parallel. */
  | { readonly kind: 'pass'; readonly each: Each }
  /** Another process does the work, and this one was not to wait. */
  | { readonly kind: 'busy' }
  /** The store cannot be used, or the wait was too long: continue as if there were no store. */
  | { readonly kind: 'local'; readonly reason: string }

/** Who does the work if the result is not shared: each caller, or each process for all of its callers. */
export type Each = 'caller' | 'process'

/** The right to fill a key, in the whole fleet. The first call settles it; an unsettled lease expires. */
export interface SharedLease {
  /** The version of the record that `commit` will store. */
  readonly version: string
  /**
   * Stores the record and hands it to the waiting processes, unless the key was changed or the lease expired in the
   * meantime (`fenced`). `unshared`: the store does not accept such a record, and each process does its own work.
   * `unknown`: the store did not answer.
   */
  commit(made: NewRecord): Promise<Committed>
  /** The work failed: the waiting processes get the error. */
  fail(error: unknown): void
  /** The result cannot be shared: the waiting processes do their own work, and for `ms` no process waits. */
  pass(ms: number, each: Each): void
  /** Gives the lease up: one of the waiting processes gets it. */
  release(): void
}

/** The outcome of a commit. */
export type Committed = 'stored' | 'fenced' | 'unshared' | 'unknown'

/** A record to store. Durations are milliseconds. */
export interface NewRecord {
  readonly body: Uint8Array | string
  /** Metadata, as JSON. */
  readonly meta: unknown
  readonly tags: readonly string[]
  /**
   * Freshness lifetime. With 0 or less, only the waiting processes get the record; the existing record is removed all
   * the same.
   */
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** How long the work took. */
  readonly duration: number
  /** Another key under which the record is stored too. */
  readonly alias?: string | undefined
}

/** A stored record. Durations are milliseconds. */
export interface SharedRecord {
  readonly version: string
  /** May be a view of much larger memory. */
  readonly body: Uint8Array
  readonly meta: unknown
  readonly tags: readonly string[]
  /** Time since it was stored. */
  readonly age: number
  /** Remaining freshness lifetime; negative when stale. 0 for a record that was handed over to waiting processes. */
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  readonly duration: number
  /** Whether the record was also stored under this key. */
  isFor(key: string): boolean
}
