import { parseHttpDate } from './http-date.ts'
import { combined } from './headers.ts'
import type { HeaderLines, ReplayedHeader, RequestView } from '../contract/contract.ts'

/** Metadata of a representation that a 304 does not carry (RFC 9110 s15.4.5). */
export const OF_THE_BODY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-range',
  'content-type',
])

/** Whether a stored 200 answers this conditional request with 304 (RFC 9110 s13.2.2, RFC 9111 s4.3.2). */
export function isNotModified(view: RequestView, validators: Validators): boolean {
  const candidates = view.header('if-none-match')
  // RFC 9110 s13.1.3: If-Modified-Since is ignored beside If-None-Match.
  if (candidates !== undefined) return matchesAny(candidates, validators.etag)
  const since = view.header('if-modified-since')
  if (since === undefined) return false
  // RFC 9111 s4.3.2: without Last-Modified, the date of the stored response.
  return parseHttpDate(validators.lastModified ?? validators.date ?? '') <= parseHttpDate(since)
}

/** The validators of a stored response. */
export interface Validators {
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  /** The date of the response. */
  readonly date: string | undefined
}

/** The validators in a head. */
export function validatorsOf(headers: HeaderLines): Validators {
  return {
    etag: combined(headers, 'etag'),
    lastModified: combined(headers, 'last-modified'),
    date: combined(headers, 'date'),
  }
}

/** The headers of a 304, made from those of the stored 200. */
export function notModifiedHeaders(headers: readonly ReplayedHeader[]): readonly ReplayedHeader[] {
  return headers.filter(header => !OF_THE_BODY.has(header.name))
}

const ENTITY_TAG = /(?:W\/)?"[^"]*"/g

/** RFC 9110 s13.1.2, by weak comparison (s8.8.3.2). */
function matchesAny(candidates: string, etag: string | undefined): boolean {
  if (candidates.trim() === '*') return true
  if (etag === undefined) return false
  return (candidates.match(ENTITY_TAG) ?? []).some(candidate => opaque(candidate) === opaque(etag))
}

/**
 * Whether a 304 with this tag refers to the version with that tag (RFC 9111 s4.3.4). A strong tag matches the weak tag
 * of the request, because middleware that weakens tags as it encodes a body ignores a 304.
 */
export function isSameTag(said: string, etag: string | undefined): boolean {
  return etag !== undefined && opaque(said) === opaque(etag)
}

function opaque(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}
