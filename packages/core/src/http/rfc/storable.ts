import type { Directives } from './cache-control.ts'
import { combined, isFieldName, listed } from './headers.ts'
import { type Freshness, type FreshnessDefaults, freshnessOf, isStrictAtOnce, NOT_STORED } from './freshness.ts'
import { type Governing, governing } from './targeted.ts'
import type { HeaderLines } from '../contract/contract.ts'

/** A response's head as the rules see it. */
export interface Head {
  readonly status: number
  readonly headers: HeaderLines
  /** Those of the headers that may make it fresh. Default: all. */
  readonly stated?: HeaderLines | undefined
}

/** What of the request and the options bears on the verdict. */
export interface Circumstances extends FreshnessDefaults {
  /** The request had an Authorization field and is shared all the same (`credentials: 'share'`). */
  readonly sharedAuthorization: boolean
  /** The flight is shared only by requests with the same conditional headers. */
  readonly conditional: boolean
  /** Bytes of the body, where they are known. */
  readonly bodyBytes: number | undefined
  readonly maxBodyBytes: number
  /** The targeted fields that are obeyed, in lower case and in this order (RFC 9213 s2.2). */
  readonly targetList: readonly string[]
}

/** Whether a response may be given to others who wait, and for how long it may be stored. */
export type Verdict =
  | ({ readonly shareable: true } & Freshness)
  | { readonly shareable: false; readonly reason: string }

/** Verdicts, and what a lease says itself, after which what was stored before is not what the origin says any more. */
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

/** They speak to one client. RFC 6585 s3 to s6: 428, 429, 431 and 511 are never stored. */
const PERSONAL_STATUS = new Set([401, 407, 408, 425, 428, 429, 431, 511])
/** They speak of the resource, or of an origin in trouble: whoever asks would get the same. */
const COMMON_STATUS = new Set([404, 405, 410, 414, 501, 502, 503, 504])
/** They speak of what the request asked for besides the resource: a version of HTTP, an extension. */
const OF_THE_REQUEST = new Set([505, 510])
/** Those whose meaning for caches is known here: they may be stored without saying so, and redirects (RFC 9110 s15.1, s15.4). */
const UNDERSTOOD = new Set([200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501])
const SHAREABLE_REDIRECT = new Set([300, 301, 302, 303, 307, 308])

/** May this response be shared with those who wait; may it be stored, and for how long (RFC 9111 s3, s4.2). */
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

/** The verdict on an answer against which no header speaks. */
function verdictOf(head: Head, freshness: Freshness, circumstances: Circumstances): Verdict {
  const { status } = head
  if (freshness.lifetime <= 0 && isOfOneRequest(status)) return { shareable: false, reason: 'status' }
  // RFC 9110 s13.2.1: what a condition was answered with, but for a 2xx, may be no answer to who sends none.
  const isRefusal = circumstances.conditional && status >= 300
  const isDoubtful = isDoubtfulStatus(status) && !statesFreshness(head, circumstances)
  return {
    shareable: true,
    ...freshness,
    ...(isRefusal && { ...NOT_STORED, joinedFor: freshness.joinedFor }),
    ...(isDoubtful && { isDoubtful }),
  }
}

/** Whether a failure with this status may come from the request that met it alone, unless the answer says otherwise. */
export function isOfOneRequest(status: number): boolean {
  return status >= 400 && (status < 500 || OF_THE_REQUEST.has(status)) && !COMMON_STATUS.has(status)
}

/** Whether the handler may have failed of what one request asked for. */
function isDoubtfulStatus(status: number): boolean {
  return status >= 500 && !COMMON_STATUS.has(status) && !OF_THE_REQUEST.has(status)
}

function statesFreshness(head: Head, circumstances: Circumstances): boolean {
  const control = governing(head.headers, circumstances.targetList)
  return statedFreshness(head, control, { ...circumstances, defaultLifetime: () => 0 }).lifetime > 0
}

/** A failure is fresh only by its own word: a header for all replies, set before the handler ran, does not speak of it. */
function statedFreshness(head: Head, control: Governing, circumstances: Circumstances): Freshness {
  const { status, headers, stated } = head
  if (status < 400 || stated === undefined) return freshnessOf({ status, headers }, control, circumstances)
  return freshnessOf({ status, headers: stated }, governing(stated, circumstances.targetList), circumstances)
}

/** Whether an answer with this status speaks to one client only, or has no meaning for another request. */
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
  // RFC 9111 s5.2.2.3: a cache that knows the status, as was found before, ignores the no-store beside must-understand.
  if (directives.has('no-store') && !directives.has('must-understand')) return 'no-store'
  // RFC 9111 s5.2.2.7. The qualified form, private="field", is taken as the whole.
  if (directives.has('private')) return 'private'
  // RFC 9111 s4.1: Vary: * never matches. What names no field cannot be matched.
  if (listed(combined(headers, 'vary')).some(name => name === '*' || !isFieldName(name))) return 'vary'
  // RFC 9111 s3.5
  if (circumstances.sharedAuthorization && !allowsAuthorization(directives)) return 'authorization'
  return undefined
}

function allowsAuthorization(directives: Directives): boolean {
  return directives.has('public') || directives.has('s-maxage') || directives.has('must-revalidate')
}

function unshareableBody(headers: HeaderLines, circumstances: Circumstances): string | undefined {
  // An event stream speaks to one client for as long as it is there; to wait for its end is to hold it back.
  if (/^\s*text\/event-stream\b/i.test(combined(headers, 'content-type') ?? '')) return 'event-stream'
  if (circumstances.bodyBytes !== undefined && circumstances.bodyBytes > circumstances.maxBodyBytes) return 'size'
  return undefined
}
