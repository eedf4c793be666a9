/** What happened, one tagged event for each thing. Keys are not among the fields: they may hold credentials. */
export type HttpEvent =
  /** A request was answered from the store. */
  | { readonly type: 'hit'; readonly target: string }
  /** A request was answered with what is stale: while it is refreshed, or in the place of a failure. */
  | { readonly type: 'stale'; readonly target: string }
  /** A request of Stampede's own goes through the app to refresh what is stale. */
  | { readonly type: 'refresh'; readonly target: string }
  /**
   * A refresh changed nothing: the stored response stays for its windows. `failed`: the handler failed, or refused it; the
   * next try waits. `not-found`: it ended in 404 or 410; `not-received`: Stampede's own request did not come back to
   * Stampede. Then the next request that finds the response stale runs the handler itself, and its answer counts.
   */
  | { readonly type: 'backoff'; readonly target: string; readonly reason: 'failed' | 'not-found' | 'not-received' }
  /** A request got the lease: it runs the handler. */
  | { readonly type: 'lead'; readonly target: string }
  /** A request waits for the answer of another, or joins it while its body is on its way. */
  | { readonly type: 'follow'; readonly target: string }
  /** A request takes no part. */
  | { readonly type: 'bypass'; readonly target: string; readonly reason: string }
  /** Told once: the first requests all bypassed, so many for each reason. Nothing was shared so far. */
  | { readonly type: 'all-bypassed'; readonly target: '*'; readonly reasons: Readonly<Record<string, number>> }
  /** A response was stored. */
  | { readonly type: 'store'; readonly target: string; readonly ttl: number }
  /** A response is shared with nobody any more: its followers, but for those who have a part of its body, run on their own. */
  | { readonly type: 'decline'; readonly target: string; readonly reason: string }
  /** The handler failed, or its body broke off; its followers get the error. */
  | { readonly type: 'fail'; readonly target: string; readonly error: unknown }
  /** A lease was given up; the oldest follower has the next one. */
  | { readonly type: 'promote'; readonly target: string }
  /** A lease was not settled within `waitTimeout`, or its body brought nothing for as long; the key is free. */
  | { readonly type: 'timeout'; readonly target: string }
  /** A follower waited for `waitTimeout`; it runs the handler itself. */
  | { readonly type: 'deadline'; readonly target: string }
  /**
   * What is stored was dropped, so many responses, and what is in flight fenced: by the app, for a path, for tags or as a
   * whole, or by a successful answer to a request whose method is not known to be safe (RFC 9111 s4.4).
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
  /** An answer was not stored: it was invalidated, or its time was up, while its handler ran. */
  | { readonly type: 'fence'; readonly target: string }
  /** Something of Stampede's, or an option that is a function, failed; the request went on without it. */
  | { readonly type: 'error'; readonly target: string; readonly error: unknown }
  /** Requests were answered by the shared store; `collapsed`: another process ran the handler meanwhile. */
  | { readonly type: 'shared'; readonly target: string; readonly collapsed: boolean }
  /** Something was not shared with the fleet: why. */
  | { readonly type: 'degrade'; readonly target: '*'; readonly reason: string }
  /** The shared store does not answer, and is not asked until it does; or it answers again. */
  | { readonly type: 'breaker'; readonly target: '*'; readonly state: 'open' | 'closed'; readonly reason: string }
  /** Changes were read again after they may have been missed; `flushed`: too many to tell, so all in memory was dropped. */
  | { readonly type: 'resync'; readonly target: '*'; readonly flushed: boolean }
