import { isSameTag, validatorsOf } from '../rfc/conditional.ts'
import { isSame, listed } from '../rfc/headers.ts'
import type { StoredResponse } from './stored-response.ts'
import type { HeaderLines, OriginResponse, HandlerHeaders, WholeResponse } from '../contract/contract.ts'

const AS_SENT: HandlerHeaders = new Map()

/**
 * The conditional headers that the handler is to see: those that ask whether what is stored still holds (RFC 9111
 * s4.3.1), or none where the client's own are kept from it.
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
 * What a 304 does not change (RFC 9111 s3.2): the length of the body and how it is coded. Its type too, since frameworks
 * set one of their own on an answer without a body.
 */
const KEPT: ReadonlySet<string> = new Set(['content-encoding', 'content-length', 'content-range', 'content-type'])

/**
 * What is stored, with what a 304 says of it now (RFC 9111 s3.2, s4.3.4), as if the handler had answered it whole;
 * `undefined` where the answer is no such thing.
 */
export function freshened(origin: OriginResponse, replaces: StoredResponse | undefined): WholeResponse | undefined {
  if (origin.status !== 304 || replaces?.canBeValidated !== true) return undefined
  const stored = replaces.linesOn(origin.before)
  const headers = new Map(stored)
  if (isOfStored(origin, replaces)) {
    // RFC 9110 s6.6.1: a 304 that says no date is of now; RFC 9111 s4.2.1: its Expires counts from there.
    headers.delete('date')
    for (const [name, lines] of saidBy(origin)) headers.set(name, updated(name, lines, stored.get(name) ?? []))
  }
  return { status: replaces.status, headers, before: origin.before, body: replaces.wholeBody }
}

/**
 * Whether a 304 that names a version names the stored one; otherwise nothing stored is to be updated by it (RFC 9111
 * s4.3.4).
 */
export function isOfStored(origin: OriginResponse, stored: StoredResponse | undefined): boolean {
  const { etag, lastModified } = validatorsOf(saidBy(origin))
  if (etag !== undefined) return isSameTag(etag, stored?.validators.etag)
  return lastModified === undefined || lastModified === (stored?.validators.lastModified ?? lastModified)
}

/** What the 304 itself says; the body and its length stay those that are stored. */
function saidBy({ headers, before }: OriginResponse): HeaderLines {
  return new Map([...headers].filter(([name, lines]) => !isSame(lines, before.get(name)) && !KEPT.has(name)))
}

/**
 * RFC 9111 s3.2; but what tells variants apart is only added to. Middleware that makes variants (by compression) passes
 * over a 304, which then says less of it than the whole answer did.
 */
function updated(name: string, lines: readonly string[], stored: readonly string[]): readonly string[] {
  if (name === 'etag' && stored[0] === `W/${lines[0]}`) return stored
  if (name !== 'vary') return lines
  const known = listed(stored.join(','))
  return listed(lines.join(',')).every(member => known.includes(member)) ? stored : [...stored, ...lines]
}
