/** The moments that bound a stored entry, on Stampede's own clock, milliseconds. */
export interface Lifetime {
  readonly storedAt: number
  /** Fresh before this moment (RFC 9111 s4.2). */
  readonly freshUntil: number
  /** Past every window from this moment on. */
  readonly goneAt: number
}

/** The lifetime of what is stored now, fresh for `ttl` and usable when stale for `staleFor` more. */
export function lifetimeFrom(now: number, ttl: number, staleFor: number): Lifetime {
  return { storedAt: now, freshUntil: now + ttl, goneAt: now + ttl + staleFor }
}
