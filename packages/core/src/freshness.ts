/** The moments that bound a stored entry, on Stampede's own clock, milliseconds. */
export interface Lifetime {
  readonly storedAt: number
  /** Fresh before this moment (RFC 9111 s4.2). */
  readonly freshUntil: number
  /** Past every window from this moment on. */
  readonly goneAt: number
}

/** How an entry may be used: as it is, while it is refreshed, or not at all. */
export type Freshness = 'fresh' | 'stale' | 'gone'

/** The lifetime of what is stored now, fresh for `ttl` and usable when stale for `staleFor` more. */
export function lifetimeFrom(now: number, ttl: number, staleFor: number): Lifetime {
  return { storedAt: now, freshUntil: now + ttl, goneAt: now + ttl + staleFor }
}

/** How an entry may be used at this moment. An entry is fresh up to, and not at, the end of its ttl. */
export function freshnessOf(entry: Lifetime, now: number): Freshness {
  if (now < entry.freshUntil) return 'fresh'
  return now < entry.goneAt ? 'stale' : 'gone'
}
