/** Counters since construction, and current sizes. */
export interface HttpStats {
  /** Requests answered from the store. */
  readonly hits: number
  /** Requests answered with a stale response. */
  readonly staleHits: number
  /** Requests that ran the handler, alone or on behalf of others. */
  readonly misses: number
  /** Requests answered by the handler of another request. */
  readonly collapsed: number
  /** Requests among `hits` and `collapsed` that the shared store or another process answered. */
  readonly sharedHits: number
  /** Requests that bypassed. */
  readonly bypasses: number
  /** Handlers that failed as leaders. */
  readonly errors: number
  /** Evicted responses. */
  readonly evictions: number
  /** Stored responses. */
  readonly entries: number
  /** Bytes of the stored responses, with keys and headers, and of streaming bodies. */
  readonly bytes: number
  /** Flights in progress. */
  readonly flights: number
}

/** The counters of {@link HttpStats}. */
export interface HttpCounts {
  hits: number
  staleHits: number
  misses: number
  collapsed: number
  sharedHits: number
  bypasses: number
  errors: number
}
