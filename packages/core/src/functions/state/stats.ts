/** What `peek` tells of a stored value. Durations are milliseconds. */
export interface Peeked<Value> {
  /** The value itself, not a copy. */
  readonly value: Value
  /** Whether its ttl still runs (RFC 9111 s4.2). */
  readonly state: 'fresh' | 'stale'
  /** Time since the value was stored. */
  readonly age: number
  /** Freshness lifetime that remains; negative when stale. */
  readonly ttl: number
}

type CountName = 'hits' | 'staleHits' | 'misses' | 'collapsed' | 'fallbacks' | 'sharedHits' | 'fetches' | 'errors'

/** The counts of {@link Stats} that only ever grow. */
export type FunctionCounts = {
  -readonly [Name in CountName]: number
}

/** Counts since construction, and what is held at this moment. A call counts for each of its keys. */
export interface Stats {
  /** Calls answered from the store with what is fresh: a value, or a failure that is kept. */
  readonly hits: number
  /** Calls answered from the store with a stale value. */
  readonly staleHits: number
  /** Calls that started a flight. */
  readonly misses: number
  /** Calls that joined a flight under way. One whose flight turns out to be outdated asks anew, and counts again. */
  readonly collapsed: number
  /** Those of `misses` and `collapsed` that got a stale value in the end: the fetch failed, or outlasted `softTimeout`. */
  readonly fallbacks: number
  /** Flights that ran no fetch here: the shared store, or another process, had the value. */
  readonly sharedHits: number
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
