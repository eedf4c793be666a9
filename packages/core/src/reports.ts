/** What `peek` tells of a stored value. Durations are milliseconds. */
export interface Peeked<Value> {
  readonly value: Value
  readonly state: 'fresh' | 'stale'
  /** Time since the value was stored. */
  readonly age: number
  /** Freshness lifetime that remains; negative when stale. */
  readonly ttl: number
}

/** The counts of {@link Stats} that only ever grow. */
export type FunctionCounts = {
  -readonly [Name in 'hits' | 'staleHits' | 'misses' | 'collapsed' | 'fetches' | 'errors']: number
}

/** What a change has reached. Without a shared store, the local one is all there is. */
export interface Reach {
  /** Whether the shared store has the change too. */
  readonly fleet: boolean
}

/** A change that has reached all there is. */
export const LOCAL: Promise<Reach> = Promise.resolve(Object.freeze({ fleet: true }))

/** Counts since construction, and what is held at this moment. */
export interface Stats {
  /** Calls answered with a fresh value. */
  readonly hits: number
  /** Calls answered with a stale value. */
  readonly staleHits: number
  /** Calls that started a flight. */
  readonly misses: number
  /** Calls that joined a flight under way. */
  readonly collapsed: number
  /** Runs of a fetch, those in the background included. */
  readonly fetches: number
  /** Fetches that failed or timed out. */
  readonly errors: number
  /** Entries dropped to keep the bounds. */
  readonly evictions: number
  /** Entries stored now. */
  readonly entries: number
  /** Bytes that the stored entries count for now; 0 where nothing measures them. */
  readonly bytes: number
  /** Flights under way now. */
  readonly flights: number
}
