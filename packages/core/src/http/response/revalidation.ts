import { isSameTag, validatorsOf } from '../rfc/conditional.ts'
import { isSame, listed } from '../rfc/headers.ts'
import type { StoredResponse } from './stored-response.ts'
import type { HeaderLines, OriginResponse, HandlerHeaders, WholeResponse } from '../contract/contract.ts'

const AS_SENT: HandlerHeaders = new Map()

/**
 * The conditional headers for the handler: those that validate the stored response (RFC 9111 s4.3.1), or none if the
 * client's own are hidden.
 */
export function shownConditions(replaces: StoredResponse | undefined, isHidden: boolean): HandlerHeaders {
  const canValidate = replaces?.canBeValidated === true
  if (!canValidate && !isHidden) return AS_SENT
  const { etag, lastModified } = canValidate ? replaces.validators : {}
  return new Map([
    ['if-none-match', etag],
    ['if-modified-since', lastModified],
  ])
}

/**
 * Fields that a 304 does not update (RFC 9111 s3.2): length and coding of the body. The type too, since frameworks set
 * one on an answer without a body.
 */
const KEPT: ReadonlySet<string> = new Set(['content-encoding', 'content-length', 'content-range', 'content-type'])

/**
 * The stored response, updated by a 304 (RFC 9111 s3.2, s4.3.4), as if the handler had sent all of it; `undefined` for
 * any other answer.
 */
export function freshened(origin: OriginResponse, replaces: StoredResponse | undefined): WholeResponse | undefined {
  if (origin.status !== 304 || replaces?.canBeValidated !== true) return undefined
  const stored = replaces.linesOn(origin.before)
  const headers = new Map(stored)
  if (isOfStored(origin, replaces)) {
    // RFC 9110 s6.6.1: a 304 without a date is of now; RFC 9111 s4.2.1: its Expires counts from there.
    headers.delete('date')
    for (const [name, lines] of saidBy(origin)) headers.set(name, updated(name, lines, stored.get(name) ?? []))
  }
  return { status: replaces.status, headers, before: origin.before, body: replaces.wholeBody }
}

/** Whether a 304 that names a version names the stored one; otherwise it updates nothing (RFC 9111 s4.3.4). */
export function isOfStored(origin: OriginResponse, stored: StoredResponse | undefined): boolean {
  const { etag, lastModified } = validatorsOf(saidBy(origin))
  if (etag !== undefined) return isSameTag(etag, stored?.validators.etag)
  return lastModified === undefined || lastModified === (stored?.validators.lastModified ?? lastModified)
}

/** The fields of the 304 itself; body and length remain the stored ones. */
function saidBy({ headers, before }: OriginResponse): HeaderLines {
  return new Map([...headers].filter(([name, lines]) => !isSame(lines, before.get(name)) && !KEPT.has(name)))
}

/**
 * RFC 9111 s3.2, but Vary is only added to: middleware that makes variants, by compression, ignores a 304, which
 * therefore names fewer headers than the complete answer did.
 */
function updated(name: string, lines: readonly string[], stored: readonly string[]): readonly string[] {
  if (name === 'etag' && stored[0] === `W/${lines[0]}`) return stored
  if (name !== 'vary') return lines
  const known = listed(stored.join(','))
  return listed(lines.join(',')).every(member => known.includes(member)) ? stored : [...stored, ...lines]
}
