import { deltaMs, type Directives, parseCacheControl, parseDelta } from './cache-control.ts'
import { combined, listed } from './headers.ts'
import { parseHttpDate } from './http-date.ts'
import type { HeaderLines } from './types.ts'

/** A response's head as the rules see it. */
export interface Head {
  readonly status: number
  readonly headers: HeaderLines
}

/** What of the request and the options bears on the verdict. */
export interface Circumstances {
  /** The request had an Authorization field and is shared all the same (`credentials: 'share'`). */
  readonly sharedAuthorization: boolean
  /** The flight is shared only by requests with the same conditional headers. */
  readonly conditional: boolean
  /** Bytes of the body, where they are known. */
  readonly bodyBytes: number | undefined
  readonly maxBodyBytes: number
  /** The lifetime of a response that states none, milliseconds. */
  readonly defaultLifetime: (status: number, headers: HeaderLines) => number
  /** The wall clock, for `Expires` without `Date`. */
  readonly wallNow: number
}

/** Whether a response may be given to others who wait, and for how long it may be stored. */
export type Verdict =
  | { readonly shareable: true; readonly lifetime: number }
  | { readonly shareable: false; readonly reason: string }

/** They speak to one client. */
const PERSONAL_STATUS = new Set([401, 407, 408, 425, 429, 431])
/** Redirects that are stored only when they say so (RFC 9110 s15.4). */
const TEMPORARY_REDIRECT = new Set([302, 303, 307])
const SHAREABLE_REDIRECT = new Set([300, 301, 302, 303, 307, 308])

/** May this response be shared with those who wait; may it be stored, and for how long (RFC 9111 s3, s4.2). */
export function judge(head: Head, circumstances: Circumstances): Verdict {
  const directives = parseCacheControl(combined(head.headers, 'cache-control'))
  const reason =
    unshareableStatus(head.status, circumstances.conditional) ??
    unshareableHeaders(head.headers, directives, circumstances) ??
    unshareableBody(head.headers, circumstances)
  if (reason !== undefined) return { shareable: false, reason }
  if (mustBeValidated(head, directives, circumstances)) return { shareable: false, reason: 'validate' }
  return { shareable: true, lifetime: head.status === 304 ? 0 : lifetimeOf(head, directives, circumstances) }
}

/** Whether an answer with this status speaks to one client only, or has no meaning for another request. */
function unshareableStatus(status: number, conditional: boolean): string | undefined {
  if (status === 304) return conditional ? undefined : 'status'
  if (status < 200 || status === 206) return 'status'
  if (status >= 300 && status < 400) return SHAREABLE_REDIRECT.has(status) ? undefined : 'status'
  return PERSONAL_STATUS.has(status) ? 'status' : undefined
}

function unshareableHeaders(
  headers: HeaderLines,
  directives: Directives,
  circumstances: Circumstances,
): string | undefined {
  if (headers.has('set-cookie')) return 'set-cookie'
  // RFC 9111 s5.2.2.5, s5.2.2.7. The qualified form, private="field", is taken as the whole.
  if (directives.has('no-store')) return 'no-store'
  if (directives.has('private')) return 'private'
  // RFC 9111 s4.1: Vary: * never matches.
  if (listed(combined(headers, 'vary')).includes('*')) return 'vary'
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

/** RFC 9111 s5.2.2: without a fresh moment of its own, each further request wants it validated first. */
function mustBeValidated(head: Head, directives: Directives, circumstances: Circumstances): boolean {
  if (directives.has('no-cache')) return true
  const strict = ['must-revalidate', 'proxy-revalidate', 's-maxage'].some(name => directives.has(name))
  const stated = statedLifetime(head.headers, directives, circumstances.wallNow)
  return strict && stated !== undefined && stated <= 0
}

function lifetimeOf(head: Head, directives: Directives, circumstances: Circumstances): number {
  const stated = statedLifetime(head.headers, directives, circumstances.wallNow)
  if (stated !== undefined) return stated
  if (TEMPORARY_REDIRECT.has(head.status)) return 0
  return circumstances.defaultLifetime(head.status, head.headers) - ageMs(head.headers)
}

/** The freshness lifetime that the response states, less the age that it came with (RFC 9111 s4.2.1, s4.2.3), ms. */
function statedLifetime(headers: HeaderLines, directives: Directives, wallNow: number): number | undefined {
  const lifetime = deltaMs(directives, 's-maxage') ?? deltaMs(directives, 'max-age') ?? expiresMs(headers, wallNow)
  return lifetime === undefined ? undefined : lifetime - ageMs(headers)
}

function expiresMs(headers: HeaderLines, wallNow: number): number | undefined {
  const lines = headers.get('expires')
  if (lines === undefined) return undefined
  const expires = parseHttpDate(lines[0] ?? '')
  const date = parseHttpDate(headers.get('date')?.[0] ?? '')
  // RFC 9111 s5.3: a date that cannot be read, "0" above all, is in the past; so are several that do not agree.
  if (Number.isNaN(expires) || lines.length > 1) return 0
  return Math.max(0, expires - (Number.isNaN(date) ? wallNow : date))
}

/** The age that a response came with, milliseconds (RFC 9111 s5.1: the first value counts, one that is none is ignored). */
export function ageMs(headers: HeaderLines): number {
  const first = headers.get('age')?.[0]?.split(',')[0]?.trim() ?? ''
  return (parseDelta(first) ?? 0) * 1000
}
