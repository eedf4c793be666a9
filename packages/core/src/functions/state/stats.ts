/** A stored value, as `peek` returns it. Durations are milliseconds. */
export interface Peeked<Value> {
  /** The value itself, not a copy. */
  readonly value: Value
  /** `fresh` before the end of its ttl (RFC 9111 s4.2). */
  readonly state: 'fresh' | 'stale'
  /** Time since the value was stored. */
  readonly age: number
  /** Freshness lifetime that remains; negative when stale. */
  readonly ttl: number
}

type CountName = 'hits' | 'staleHits' | 'misses' | 'collapsed' | 'fallbacks' | 'sharedHits' | 'fetches' | 'errors'

/** The counters of {@link Stats}. */
export type FunctionCounts = {
  -readonly [Name in CountName]: number
}

/** Counters since construction, and current sizes. A call with several keys counts once per key. */
export interface Stats {
  /** Calls that returned a fresh stored value, or a cached error. */
  readonly hits: number
  /** Calls that returned a stale stored value. */
  readonly staleHits: number
  /** Calls that started a fetch. */
  readonly misses: number
  /** Calls that joined a fetch in progress. A call whose fetch turns out to be outdated asks again, and counts again. */
  readonly collapsed: number
  /** Calls among `misses` and `collapsed` that returned a stale value, because the fetch failed or exceeded `softTimeout`. */
  readonly fallbacks: number
  /** Misses that the shared store or another process answered, without a fetch here. */
  readonly sharedHits: number
  /** Fetches that ran, background refreshes included. */
  readonly fetches: number
  /** Fetches that failed or timed out. */
  readonly errors: number
  /** Evicted entries. */
  readonly evictions: number
  /** Stored entries. */
  readonly entries: number
  /** Bytes of the stored entries; 0 without `sizeOf`. */
  readonly bytes: number
  /** Fetches in progress. */
  readonly flights: number
}
