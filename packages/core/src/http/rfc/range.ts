import { parseHttpDate } from './http-date.ts'
import type { Validators } from './conditional.ts'
import type { RequestView } from '../contract/contract.ts'

/**
 * The bytes of a complete body that answer a request: from `first` up to, and not including, `end`; `none` for a 416.
 */
export type Selection = { readonly first: number; readonly end: number } | 'whole' | 'none'

/** A byte range, by its ends or as a suffix (RFC 9110 s14.1.2). */
const SINGLE = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/i

/**
 * The range that a GET requests of a stored 200 (RFC 9110 s14.2). Several ranges, other units and invalid ranges are
 * ignored, as s14.2 allows, and so is a range of another version.
 */
export function selectionOf(view: RequestView, byteLength: number, validators: Validators): Selection {
  const range = view.method === 'GET' ? view.header('range') : undefined
  if (range === undefined) return 'whole'
  const asked = SINGLE.exec(range.trim())
  return asked === null || !isSameVersion(view.header('if-range'), validators) ? 'whole' : select(asked, byteLength)
}

function select([, from, to, suffix]: RegExpExecArray, byteLength: number): Selection {
  if (suffix !== undefined) return part(byteLength - Math.min(Number(suffix), byteLength), byteLength, byteLength)
  const last = to === undefined || to === '' ? Number.POSITIVE_INFINITY : Number(to)
  // RFC 9110 s14.1.1: a range that ends before it begins is invalid; s14.2: then it is ignored.
  return last < Number(from) ? 'whole' : part(Number(from), last + 1, byteLength)
}

function part(first: number, end: number, byteLength: number): Selection {
  return first >= byteLength ? 'none' : { first, end: Math.min(end, byteLength) }
}

/** RFC 9110 s13.1.5: strong comparison of tags, exact comparison of dates. */
function isSameVersion(ifRange: string | undefined, { etag, lastModified, date }: Validators): boolean {
  if (ifRange === undefined) return true
  const condition = ifRange.trim()
  if (condition.startsWith('"') || condition.startsWith('W/')) return condition === etag && !condition.startsWith('W/')
  const modified = parseHttpDate(lastModified ?? '')
  // RFC 9110 s8.8.2.2: a date is a strong validator only if the answer was made at least a second later.
  return parseHttpDate(condition) === modified && parseHttpDate(date ?? '') - modified >= 1000
}
