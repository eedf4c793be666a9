/** The events of HTTP. They never contain keys, which may hold credentials. */
export type HttpEvent =
  /** A request was answered from the store. */
  | { readonly type: 'hit'; readonly target: string }
  /** A request was answered with a stale response: while it is refreshed, or in place of a failure. */
  | { readonly type: 'stale'; readonly target: string }
  /** A request of Stampede's own was sent through the app to refresh a stale response. */
  | { readonly type: 'refresh'; readonly target: string }
  /**
   * A refresh changed nothing, and the stored response remains. `failed`: the handler failed or refused; the next
   * attempt waits. `not-found`: it ended with 404 or 410. `not-received`: the request did not return to Stampede.
   * After the last two, the next request that finds the response stale runs the handler itself, and its answer counts.
   */
  | { readonly type: 'backoff'; readonly target: string; readonly reason: 'failed' | 'not-found' | 'not-received' }
  /** A request got the lease: it runs the handler. */
  | { readonly type: 'lead'; readonly target: string }
  /** A request waits for the answer of another request, or joins its streaming body. */
  | { readonly type: 'follow'; readonly target: string }
  /** A request bypassed. */
  | { readonly type: 'bypass'; readonly target: string; readonly reason: string }
  /** Emitted once: all of the first requests bypassed, with the number per reason. Nothing has been shared so far. */
  | { readonly type: 'all-bypassed'; readonly target: '*'; readonly reasons: Readonly<Record<string, number>> }
  /** A response was stored. */
  | { readonly type: 'store'; readonly target: string; readonly ttl: number }
  /** A response turned out not to be shareable. Followers that have no part of its body yet run their own handlers. */
  | { readonly type: 'decline'; readonly target: string; readonly reason: string }
  /** The handler failed, or its body broke off; the followers get the error. */
  | { readonly type: 'fail'; readonly target: string; readonly error: unknown }
  /** A lease was given up, and the oldest follower got the next one. */
  | { readonly type: 'promote'; readonly target: string }
  /** A lease was not settled within `waitTimeout`, or its body paused for that long; the key is free. */
  | { readonly type: 'timeout'; readonly target: string }
  /** A follower waited for `waitTimeout`; it runs the handler itself. */
  | { readonly type: 'deadline'; readonly target: string }
  /**
   * Stored responses were removed, and flights fenced: by the app for a path, for tags or for everything, or by a
   * successful answer to a request with an unsafe method (RFC 9111 s4.4).
   */
  | { readonly type: 'invalidate'; readonly by: 'path' | 'method'; readonly target: string; readonly count: number }
  | {
      readonly type: 'invalidate'
      readonly by: 'tags'
      readonly target: '*'
      readonly tags: readonly string[]
      readonly count: number
    }
  | { readonly type: 'invalidate'; readonly by: 'clear'; readonly target: '*'; readonly count: number }
  /** An answer was not stored, because it was invalidated or expired while its handler ran. */
  | { readonly type: 'fence'; readonly target: string }
  /** Stampede, or an option that is a function, failed; the request continued without it. */
  | { readonly type: 'error'; readonly target: string; readonly error: unknown }
  /** Requests were answered by the shared store; `collapsed`: another process ran the handler in the meantime. */
  | { readonly type: 'shared'; readonly target: string; readonly collapsed: boolean }
  /** A response was not shared with the fleet, for this reason. */
  | { readonly type: 'degrade'; readonly target: '*'; readonly reason: string }
  /** The shared store stopped answering and is not used until it answers again, or it answers again. */
  | { readonly type: 'breaker'; readonly target: '*'; readonly state: 'open' | 'closed'; readonly reason: string }
  /** Changes that may have been missed were read again; `flushed`: too many, so the memory was cleared. */
  | { readonly type: 'resync'; readonly target: '*'; readonly flushed: boolean }
