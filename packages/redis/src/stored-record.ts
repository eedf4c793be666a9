import type { SharedRecord } from '@stampede/core'
import type { DecodedRecord } from './record.ts'

/** A body keeps the memory alive that it is a view of; where that is so many times larger, it gets its own. */
const MOST_PINNED = 4

/** A record as it is now. */
export function recordAt(now: number, record: DecodedRecord, nameOf: (key: string) => string): SharedRecord {
  const age = Math.max(0, now - record.storedAt)
  return {
    version: record.version,
    body: unpinned(record.body),
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

function unpinned(body: Uint8Array): Uint8Array {
  return body.buffer.byteLength > MOST_PINNED * body.byteLength ? Uint8Array.from(body) : body
}
