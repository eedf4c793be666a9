import { type Directives, parseCacheControl } from './cache-control.ts'
import { combined } from './headers.ts'
import { parseDictionary } from './structured-field.ts'
import type { HeaderLines } from './types.ts'

/** Fields that speak to caches such as this one, in the order in which they are asked (RFC 9213 s2.2). They are never sent on. */
export const TARGETED: readonly string[] = ['stampede-cache-control', 'cdn-cache-control']

/** The directives that govern a response, and whether a targeted field gave them: then `Expires` does not count. */
export interface Governing {
  readonly directives: Directives
  readonly isTargeted: boolean
}

/**
 * The first targeted field that can be read replaces `Cache-Control` and `Expires` as a whole; one that is empty or
 * cannot be read is as if absent (RFC 9213 s2.1, s2.2).
 */
export function governing(headers: HeaderLines): Governing {
  for (const name of TARGETED) {
    const value = combined(headers, name)
    const directives = value === undefined ? undefined : parseDictionary(value)
    if (directives !== undefined) return { directives, isTargeted: true }
  }
  return { directives: parseCacheControl(combined(headers, 'cache-control')), isTargeted: false }
}
