/** Counts since construction, and what is held at this moment. */
export interface HttpStats {
  /** Requests answered from the store. */
  readonly hits: number
  /** Requests answered with what is stale. */
  readonly staleHits: number
  /** Requests that ran the handler, alone or for others. */
  readonly misses: number
  /** Requests answered by what another one's handler gave. */
  readonly collapsed: number
  /** Those of `hits` and `collapsed` that a shared store, or another process, answered. */
  readonly sharedHits: number
  /** Requests that took no part. */
  readonly bypasses: number
  /** Handlers that failed while others waited or could have. */
  readonly errors: number
  /** Responses dropped to keep the bounds. */
  readonly evictions: number
  /** Responses stored now. */
  readonly entries: number
  /** Bytes that the stored responses count for now, keys and headers included, and the bodies on their way. */
  readonly bytes: number
  /** Flights under way now. */
  readonly flights: number
}

/** The counts of {@link HttpStats} that only ever grow. */
export interface HttpCounts {
  hits: number
  staleHits: number
  misses: number
  collapsed: number
  sharedHits: number
  bypasses: number
  errors: number
}
