import type { SharedRecord } from '@stampede/core'
import type { DecodedRecord } from './record.ts'

/** By how much, milliseconds, the clocks by which a record is stored and read may differ. */
const CLOCK_ERROR = 1_000

/**
 * Whether nobody may be given it any more: it stays a little longer than that for those who wait for it. Of a record that is
 * stored in the future nobody knows the age: the server's clock went back.
 */
export function isGone({ storedAt, ttl, staleWhileRevalidate, staleIfError }: DecodedRecord, now: number): boolean {
  const age = now - storedAt
  return age < -CLOCK_ERROR || age > ttl + Math.max(staleWhileRevalidate, staleIfError)
}

/** A record as it is now. */
export function recordAt(now: number, record: DecodedRecord, nameOf: (key: string) => string): SharedRecord {
  const age = Math.max(0, now - record.storedAt)
  return {
    version: record.version,
    body: record.body,
    meta: record.meta,
    tags: record.tags,
    age,
    ttl: record.isHandedOver ? 0 : record.ttl - age,
    staleWhileRevalidate: record.staleWhileRevalidate,
    staleIfError: record.staleIfError,
    duration: record.duration,
    isFor: key => record.alias === undefined || record.alias === nameOf(key),
  }
}
