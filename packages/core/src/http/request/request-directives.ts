import { deltaMs, parseCacheControl, parseDelta } from '../rfc/cache-control.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import type { RequestView } from '../contract/contract.ts'

/** What a request's own `Cache-Control` asks for (RFC 9111 s5.2.1). Durations are milliseconds. */
export interface RequestDirectives {
  /** Nothing stored without asking the origin. */
  readonly noCache: boolean
  /** Nothing stored of this exchange. */
  readonly noStore: boolean
  /** Nothing but what is stored. */
  readonly onlyIfCached: boolean
  /** The greatest age. */
  readonly maxAge: number
  /** The least freshness that is left. */
  readonly minFresh: number
  /** By how much the freshness may be over. */
  readonly maxStale: number
}

/** What is asked of a stored response to compare it with these. Moments are on Stampede's clock, milliseconds. */
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

/** What the request asks for, where the option `clientDirectives` lets it. */
export function directivesOf(view: RequestView, policy: HttpPolicy): RequestDirectives {
  if (policy.clientDirectives === 'ignore') return NONE
  const field = view.header('cache-control')
  // RFC 9111 s5.4: Pragma counts only where Cache-Control is absent.
  if (field === undefined) return /\bno-cache\b/i.test(view.header('pragma') ?? '') ? { ...NONE, noCache: true } : NONE
  const directives = parseCacheControl(field)
  const maxStale = directives.get('max-stale')
  return {
    noCache: directives.has('no-cache'),
    noStore: directives.has('no-store'),
    onlyIfCached: directives.has('only-if-cached'),
    maxAge: deltaMs(directives, 'max-age') ?? NONE.maxAge,
    minFresh: deltaMs(directives, 'min-fresh') ?? NONE.minFresh,
    // RFC 9111 s5.2.1.2: without a value, of any age.
    maxStale: maxStale === '' ? Number.POSITIVE_INFINITY : (parseDelta(maxStale ?? '') ?? 0) * 1000,
  }
}

/** Whether a stored response is as fresh as the request wants it. */
export function satisfies(stored: Aged, directives: RequestDirectives, now: number): boolean {
  if (directives.noCache || stored.ageAt(now) > directives.maxAge) return false
  // RFC 9111 s5.2.2.2: what must be revalidated is never given stale, whatever the client would take.
  const allowed = stored.mayBeStale ? directives.maxStale : 0
  return now + directives.minFresh < stored.freshUntil + allowed
}

/**
 * Whether a request that comes after the head of a response may have it while its body arrives. RFC 9111 s4 lets requests
 * collapse only onto what may be reused for them: a lifetime that is over ends that, be it for a body that takes longer, or
 * for an explicit 0. Those who came before the head waited for an answer of their own moment, and keep it.
 */
export function mayJoin(streaming: Aged, directives: RequestDirectives, now: number): boolean {
  return satisfies(streaming, directives, now) || (acceptsStale(directives) && now < streaming.staleUntil)
}

/** Whether a request may be answered with what is stale within the windows of the response. */
export function acceptsStale({ noCache, maxAge, minFresh }: RequestDirectives): boolean {
  // RFC 9111 s5.2.1.1: who asks for an age does not want what is stale.
  return !noCache && maxAge === NONE.maxAge && minFresh === NONE.minFresh
}
