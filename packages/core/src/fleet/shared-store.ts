/**
 * The contract of a second tier that processes share. A process asks it once it has nothing to reuse itself: for the record
 * that another one stored, or for the lease of a key, which one process of the fleet has at a time. All callers of a
 * process are one participant. Nothing here ever rejects: a store in trouble is a miss and an event.
 *
 *     idle -- read --> usable record: done
 *                 '--> acquire --> lead --> commit | fail | pass | release
 *                              '-> hit: stored meanwhile, or handed over by the leader that was waited for
 *                              '-> fail, pass, busy, local
 */
export interface SharedStore {
  /** Joins the fleet on behalf of one Stampede; called once by each that is given the store. */
  join(local: LocalTier): SharedTier
}

/** What the shared tier tells of one process's own memory. None of it throws. */
export interface LocalTier {
  /** Keeps the keys of functions (`f`) and of HTTP responses (`h`) apart. Those of responses may hold credentials: they leave the process as digests alone. */
  readonly space: 'f' | 'h'
  /** Another process changed these keys: what is stored of them is dropped, and flights are fenced. */
  drop(keys: readonly string[]): void
  /** The same for all that bears one of the tags. */
  dropTags(tags: readonly string[]): void
  /** The same for everything: another process cleared it, or changes may have been missed. */
  dropAll(): void
  /** What happened in the store, for listeners. */
  emit(event: SharedStoreEvent): void
}

/** What happened in a shared store. */
export type SharedStoreEvent =
  /** The store does not answer, and is not asked until it does; or it answers again. */
  | { readonly type: 'breaker'; readonly state: 'open' | 'closed'; readonly reason: string }
  /** One key was not shared with the fleet: why. */
  | { readonly type: 'degrade'; readonly key: string; readonly reason: string }
  /** Changes were read again after they may have been missed; `flushed`: too many to tell, so all in memory was dropped. */
  | { readonly type: 'resync'; readonly flushed: boolean }

/** One Stampede's part in the fleet. */
export interface SharedTier {
  /**
   * How long at most, milliseconds, this process keeps in its own memory what the fleet does not vouch for: what it computed
   * while the store did not answer. 0: not at all.
   */
  readonly degradedTtl: number
  /**
   * What is stored for the key, unless it is gone, invalidated or not to be understood. This, with `acquire`, may take twice
   * as long as the work (`timeout`, or `waitTimeout`); where that has no limit, nor has this.
   */
  read(key: string): Promise<SharedRecord | undefined>
  /** Asks for the key's lease; waits, where another process has it, for what becomes of that. */
  acquire(key: string, asked: Acquire): Promise<AcquireResult>
  /** What was said by `pass` holds no more: the key's last result could be shared. */
  allow(key: string): void
  /**
   * Stores from outside, over what is there; whoever works on the key is fenced. Resolves with whether the fleet has it; what
   * takes longer than half a minute counts as not.
   */
  set(key: string, made: NewRecord): Promise<boolean>
  /** Drops the keys in the store and in the memory of all other processes, and fences who works on them. Resolves as `set` does. */
  invalidate(keys: readonly string[]): Promise<boolean>
  /** The same for all that bears one of the tags. */
  invalidateTags(tags: readonly string[]): Promise<boolean>
  /** The same for everything. */
  clear(): Promise<boolean>
  /** Gives back the leases that it still has, and lets go of connections and timers of its own. */
  close(): Promise<void>
}

/** How a lease is asked for. */
export interface Acquire {
  /** The version of the record that was found to be of no use: no hit. `any`: nothing that is stored is of use. */
  readonly reject?: string | undefined
  /** How long, milliseconds, the work may take: until then the lease is renewed. `Infinity` is possible. */
  readonly timeout: number
  /** How long, milliseconds, to wait for another process's work; 0: not at all. */
  readonly wait: number
  /** Whether anybody still wants it: looked at before it is asked for again, so that nothing is asked for in vain. Default: yes. */
  readonly isWanted?: (() => boolean) | undefined
}

/** What a process is to do for a key. */
export type AcquireResult =
  /** Reuse what is stored; `collapsed`: another process made it while this one waited. */
  | { readonly kind: 'hit'; readonly record: SharedRecord; readonly collapsed: boolean }
  /** Do the work, and settle the lease. */
  | { readonly kind: 'lead'; readonly lease: SharedLease }
  /** Another process did the work, and it failed: its error, as far as that can be told. */
  | { readonly kind: 'fail'; readonly error: unknown }
  /** What the work yields is not to be shared here: each does its own, at once and in parallel. */
  | { readonly kind: 'pass'; readonly each: Each }
  /** Another process is at it, and this one was not to wait. */
  | { readonly kind: 'busy' }
  /** The store cannot be asked, or the wait was too long: go on as if there were none. */
  | { readonly kind: 'local'; readonly reason: string }

/** Who does work of its own where none is shared: each caller, or each process for all of its callers. */
export type Each = 'caller' | 'process'

/** The fleet-wide right to fill a key. The first of these calls settles it; one that nobody settles lapses. */
export interface SharedLease {
  /** The version that what it commits will have. */
  readonly version: string
  /**
   * Stores the record, unless the key was changed, or the lease lapsed, since: then it is `fenced`. Those who wait get it.
   * `unshared`: the store takes no such record, and each process does its own. `unknown`: the store did not say.
   */
  commit(made: NewRecord): Promise<Committed>
  /** The work failed: those who wait in other processes get the error. */
  fail(error: unknown): void
  /** What the work yields is not to be shared: those who wait do their own, and for `ms` nobody waits. */
  pass(ms: number, each: Each): void
  /** Gives it up: one of those who wait gets it. */
  release(): void
}

/** What became of a record. */
export type Committed = 'stored' | 'fenced' | 'unshared' | 'unknown'

/** What is to be stored. Durations are milliseconds. */
export interface NewRecord {
  readonly body: Uint8Array | string
  /** What else there is to say of it; JSON. */
  readonly meta: unknown
  readonly tags: readonly string[]
  /** Freshness lifetime. 0 or less: only for those who wait; what was stored before is gone all the same. */
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** How long the work took. */
  readonly duration: number
  /** Another key, for which it is stored too: the one that it turned out to be for, or one by which others ask. */
  readonly alias?: string | undefined
}

/** What is stored. Durations are milliseconds. */
export interface SharedRecord {
  readonly version: string
  /** It may be a view of memory that is much larger. */
  readonly body: Uint8Array
  readonly meta: unknown
  readonly tags: readonly string[]
  /** Time since it was stored. */
  readonly age: number
  /** Freshness lifetime that remains; negative when stale. For one that is handed over to those who waited: 0. */
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  readonly duration: number
  /** Whether this key is its alias, where it has one. */
  isFor(key: string): boolean
}
