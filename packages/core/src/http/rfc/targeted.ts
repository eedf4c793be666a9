import { type Directives, parseCacheControl } from './cache-control.ts'
import { combined } from './headers.ts'
import { parseDictionary } from './structured-field.ts'
import type { HeaderLines } from '../contract/contract.ts'

/** The targeted field that is meant for Stampede alone (RFC 9213 s2). */
export const OWN_TARGETED = 'stampede-cache-control'

/** The directives for a response, and whether they come from a targeted field: then `Expires` does not count. */
export interface Governing {
  readonly directives: Directives
  readonly isTargeted: boolean
}

/**
 * The first valid field of the target list replaces `Cache-Control` and `Expires` as a whole; an empty or invalid
 * field counts as absent (RFC 9213 s2.1, s2.2).
 */
export function governing(headers: HeaderLines, targetList: readonly string[]): Governing {
  for (const name of targetList) {
    const value = combined(headers, name)
    const directives = value === undefined ? undefined : parseDictionary(value)
    if (directives !== undefined) return { directives, isTargeted: true }
  }
  return { directives: parseCacheControl(combined(headers, 'cache-control')), isTargeted: false }
}
