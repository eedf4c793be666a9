import type { Directives } from './cache-control.ts'
import { combined, isFieldName, listed } from './headers.ts'
import { type Freshness, type FreshnessDefaults, freshnessOf, isStrictAtOnce, NOT_STORED } from './freshness.ts'
import { type Governing, governing } from './targeted.ts'
import type { HeaderLines } from '../contract/contract.ts'

/** The head of a response, as the rules need it. */
export interface Head {
  readonly status: number
  readonly headers: HeaderLines
  /** The headers that may make it fresh. Default: all. */
  readonly stated?: HeaderLines | undefined
}

/** What the verdict depends on, of the request and the options. */
export interface Circumstances extends FreshnessDefaults {
  /** The request had an Authorization field, and the option `credentials: 'share'` applies. */
  readonly sharedAuthorization: boolean
  /** Only requests with the same conditional headers share the flight. */
  readonly conditional: boolean
  /** The size of the body, if known. */
  readonly bodyBytes: number | undefined
  readonly maxBodyBytes: number
  /** The targeted fields that are obeyed, in lower case and in order (RFC 9213 s2.2). */
  readonly targetList: readonly string[]
}

/** Whether followers may get a response, and how long it may be stored. */
export type Verdict =
  | ({ readonly shareable: true } & Freshness)
  | { readonly shareable: false; readonly reason: string }

/** Verdicts, of the rules or of a lease, after which a stored response no longer represents the origin's answer. */
export const OUTDATING: ReadonlySet<string> = new Set([
  'set-cookie',
  'no-store',
  'private',
  'vary',
  'authorization',
  'validate',
  'must-understand',
  'event-stream',
  'size',
  'version',
])

/** Statuses that concern one client. RFC 6585 s3 to s6: 428, 429, 431 and 511 are never stored. */
const PERSONAL_STATUS = new Set([401, 407, 408, 425, 428, 429, 431, 511])
/** Statuses of the resource, or of an origin in trouble: every request would get the same. */
const COMMON_STATUS = new Set([404, 405, 410, 414, 501, 502, 503, 504])
/** Statuses about other parts of the request than the resource: a version of HTTP, an extension. */
const OF_THE_REQUEST = new Set([505, 510])
/**
 * Statuses whose meaning for caches is known here, redirects included (RFC 9110 s15.1, s15.4): they may be stored
 * without a directive.
 */
const UNDERSTOOD = new Set([200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501])
const SHAREABLE_REDIRECT = new Set([300, 301, 302, 303, 307, 308])

/** Whether a response may be shared with followers and stored, and for how long (RFC 9111 s3, s4.2). */
export function judge(head: Head, circumstances: Circumstances): Verdict {
  const control = governing(head.headers, circumstances.targetList)
  const reason =
    unshareableStatus(head.status, circumstances.conditional) ??
    notUnderstood(head.status, control.directives) ??
    unshareableHeaders(head.headers, control.directives, circumstances) ??
    unshareableBody(head.headers, circumstances)
  if (reason !== undefined) return { shareable: false, reason }
  if (isStrictAtOnce(head, control, circumstances)) return { shareable: false, reason: 'validate' }
  return verdictOf(head, statedFreshness(head, control, circumstances), circumstances)
}

/** The verdict on an answer whose headers allow sharing. */
function verdictOf(head: Head, freshness: Freshness, circumstances: Circumstances): Verdict {
  const { status } = head
  if (freshness.lifetime <= 0 && isOfOneRequest(status)) return { shareable: false, reason: 'status' }
  // RFC 9110 s13.2.1: the answer to a condition, unless it is a 2xx, may not answer a request without one.
  const isRefusal = circumstances.conditional && status >= 300
  const isDoubtful = isDoubtfulStatus(status) && !statesFreshness(head, circumstances)
  return {
    shareable: true,
    ...freshness,
    ...(isRefusal && { ...NOT_STORED, joinedFor: freshness.joinedFor }),
    ...(isDoubtful && { isDoubtful }),
  }
}

/** Whether only the request itself may have caused a failure with this status, unless the answer says otherwise. */
export function isOfOneRequest(status: number): boolean {
  return status >= 400 && (status < 500 || OF_THE_REQUEST.has(status)) && !COMMON_STATUS.has(status)
}

/** Whether the handler may have failed because of one request. */
function isDoubtfulStatus(status: number): boolean {
  return status >= 500 && !COMMON_STATUS.has(status) && !OF_THE_REQUEST.has(status)
}

function statesFreshness(head: Head, circumstances: Circumstances): boolean {
  const control = governing(head.headers, circumstances.targetList)
  return statedFreshness(head, control, { ...circumstances, defaultLifetime: () => 0 }).lifetime > 0
}

/**
 * A failure is fresh only by its own headers: a header that was set for all replies, before the handler ran, does not
 * count.
 */
function statedFreshness(head: Head, control: Governing, circumstances: Circumstances): Freshness {
  const { status, headers, stated } = head
  if (status < 400 || stated === undefined) return freshnessOf({ status, headers }, control, circumstances)
  return freshnessOf({ status, headers: stated }, governing(stated, circumstances.targetList), circumstances)
}

/** Whether an answer with this status concerns one client only, or has no meaning for another request. */
export function unshareableStatus(status: number, conditional: boolean): string | undefined {
  if (status === 304) return conditional ? undefined : 'status'
  if (status < 200 || status === 206) return 'status'
  if (status >= 300 && status < 400) return SHAREABLE_REDIRECT.has(status) ? undefined : 'status'
  return PERSONAL_STATUS.has(status) ? 'status' : undefined
}

/** RFC 9111 s5.2.2.3 */
function notUnderstood(status: number, directives: Directives): string | undefined {
  return directives.has('must-understand') && !UNDERSTOOD.has(status) ? 'must-understand' : undefined
}

function unshareableHeaders(
  headers: HeaderLines,
  directives: Directives,
  circumstances: Circumstances,
): string | undefined {
  if (headers.has('set-cookie')) return 'set-cookie'
  // RFC 9111 s5.2.2.3: a cache that knows the status, as was checked before, ignores no-store beside must-understand.
  if (directives.has('no-store') && !directives.has('must-understand')) return 'no-store'
  // RFC 9111 s5.2.2.7. The qualified form, private="field", counts as the unqualified one.
  if (directives.has('private')) return 'private'
  // RFC 9111 s4.1: Vary: * never matches. A Vary without a valid field name cannot be matched.
  if (listed(combined(headers, 'vary')).some(name => name === '*' || !isFieldName(name))) return 'vary'
  // RFC 9111 s3.5
  if (circumstances.sharedAuthorization && !allowsAuthorization(directives)) return 'authorization'
  return undefined
}

function allowsAuthorization(directives: Directives): boolean {
  return directives.has('public') || directives.has('s-maxage') || directives.has('must-revalidate')
}

function unshareableBody(headers: HeaderLines, circumstances: Circumstances): string | undefined {
  // An event stream belongs to one client for as long as it is connected; waiting for its end would delay it forever.
  if (/^\s*text\/event-stream\b/i.test(combined(headers, 'content-type') ?? '')) return 'event-stream'
  if (circumstances.bodyBytes !== undefined && circumstances.bodyBytes > circumstances.maxBodyBytes) return 'size'
  return undefined
}
