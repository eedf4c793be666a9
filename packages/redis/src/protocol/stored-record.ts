import type { SharedRecord } from '@stampede/core'
import type { DecodedRecord } from './record.ts'

/** How far the clocks at storing and at reading may differ, milliseconds. */
const CLOCK_ERROR = 1_000

/**
 * Whether the record must not be used any more: it stays a little longer for waiting processes. The age of a record
 * from the future is unknown: the server's clock went back.
 */
export function isGone({ storedAt, ttl, staleWhileRevalidate, staleIfError }: DecodedRecord, now: number): boolean {
  const age = now - storedAt
  return age < -CLOCK_ERROR || age > ttl + Math.max(staleWhileRevalidate, staleIfError)
}

/** The record as of now. */
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
