import { Stampede, type StampedeOptions } from '@stampede/core'
import type { Value } from './value.ts'

/** What a version of the core may or may not have. */
interface Later {
  invalidateTags(...tags: readonly string[]): Promise<unknown>
  getMany(
    keys: readonly string[],
    fetchMany: (missing: readonly string[]) => Promise<Map<string, Value>>,
  ): Promise<Map<string, Value>>
  close(): unknown
}

/** The cache under test, and what it can do beyond the least. */
export interface Subject {
  readonly cache: Stampede<Value>
  readonly later: Partial<Later>
  /** Options of a call that it knows beyond the least. */
  readonly more: object
}

const MAX_ENTRIES = 1_000
const TTL = 20
const STALE = 40

export function subjectOf(): Subject {
  const extras = { staleIfError: STALE, onEvent: () => {} }
  const known = Object.entries(extras).filter(([name, value]) => isKnown({ [name]: value }))
  const options: StampedeOptions = {
    maxEntries: MAX_ENTRIES,
    ttl: TTL,
    staleWhileRevalidate: STALE,
    ...Object.fromEntries(known),
  }
  const cache = new Stampede<Value>(options)
  const later = cache as unknown as Partial<Later>
  const tagged = typeof later.invalidateTags === 'function' ? { tags: ['all', 'some'] } : {}
  return { cache, later, more: tagged }
}

function isKnown(options: object): boolean {
  try {
    return new Stampede(options) instanceof Stampede
  } catch {
    return false
  }
}
