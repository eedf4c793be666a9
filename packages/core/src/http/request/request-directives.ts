import { deltaMs, parseCacheControl, parseDelta } from '../rfc/cache-control.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import type { RequestView } from '../contract/contract.ts'

/** The request's own `Cache-Control` (RFC 9111 s5.2.1). Durations are milliseconds. */
export interface RequestDirectives {
  /** No stored response without validation. */
  readonly noCache: boolean
  /** Nothing of this exchange may be stored. */
  readonly noStore: boolean
  /** A stored response, or none. */
  readonly onlyIfCached: boolean
  /** The maximum age. */
  readonly maxAge: number
  /** The minimum remaining freshness. */
  readonly minFresh: number
  /** The maximum time since the end of freshness. */
  readonly maxStale: number
}

/** The fields of a stored response that directives are compared with. Moments are on Stampede's clock, milliseconds. */
interface Aged {
  readonly freshUntil: number
  readonly staleUntil: number
  readonly mayBeStale: boolean
  ageAt(now: number): number
}

const NONE: RequestDirectives = {
  noCache: false,
  noStore: false,
  onlyIfCached: false,
  maxAge: Number.POSITIVE_INFINITY,
  minFresh: 0,
  maxStale: 0,
}

/** The directives of a request, if the option `clientDirectives` honors them. */
export function directivesOf(view: RequestView, policy: HttpPolicy): RequestDirectives {
  if (policy.clientDirectives === 'ignore') return NONE
  const field = view.header('cache-control')
  // RFC 9111 s5.4: Pragma counts only without Cache-Control.
  if (field === undefined) return /\bno-cache\b/i.test(view.header('pragma') ?? '') ? { ...NONE, noCache: true } : NONE
  const directives = parseCacheControl(field)
  const maxStale = directives.get('max-stale')
  return {
    noCache: directives.has('no-cache'),
    noStore: directives.has('no-store'),
    onlyIfCached: directives.has('only-if-cached'),
    maxAge: deltaMs(directives, 'max-age') ?? NONE.maxAge,
    minFresh: deltaMs(directives, 'min-fresh') ?? NONE.minFresh,
    // RFC 9111 s5.2.1.2: without a value, any age.
    maxStale: maxStale === '' ? Number.POSITIVE_INFINITY : (parseDelta(maxStale ?? '') ?? 0) * 1000,
  }
}

/** Whether a stored response is fresh enough for the request. */
export function satisfies(stored: Aged, directives: RequestDirectives, now: number): boolean {
  if (directives.noCache || stored.ageAt(now) > directives.maxAge) return false
  // RFC 9111 s5.2.2.2: a response that must be revalidated is never served stale, whatever the client accepts.
  const allowed = stored.mayBeStale ? directives.maxStale : 0
  return now + directives.minFresh < stored.freshUntil + allowed
}

/**
 * Whether a request that arrives after the head may join the streaming response. RFC 9111 s4 lets requests collapse
 * only onto a response that may be reused for them, which an elapsed lifetime, or an explicit 0, prevents. Requests
 * that arrived before the head waited for an answer of their own moment, and keep it.
 */
export function mayJoin(streaming: Aged, directives: RequestDirectives, now: number): boolean {
  return satisfies(streaming, directives, now) || (acceptsStale(directives) && now < streaming.staleUntil)
}

/** Whether the request accepts a stale response within its windows. */
export function acceptsStale({ noCache, maxAge, minFresh }: RequestDirectives): boolean {
  // RFC 9111 s5.2.1.1: a request that limits the age does not accept stale responses.
  return !noCache && maxAge === NONE.maxAge && minFresh === NONE.minFresh
}
