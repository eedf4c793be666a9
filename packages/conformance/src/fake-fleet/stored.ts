import type { NewRecord, SharedRecord } from '../../../core/src/fleet/shared-store.ts'

/** A record as the server keeps it: bytes and JSON, as if it had been sent. */
export interface Stored {
  readonly version: string
  readonly body: Uint8Array
  readonly meta: string | undefined
  readonly made: NewRecord
  /** The key that it is for. */
  readonly realKey: string
  readonly storedAt: number
  /** How many changes there had been when the work for it began: it knows of no later one. */
  readonly asOf: number
}

export interface Storing {
  readonly key: string
  readonly version: string
  readonly now: number
  readonly asOf: number
}

/** A copy is sent, which no caller can change any more. */
export function toStored(made: NewRecord, { key, version, now, asOf }: Storing): Stored {
  const body = typeof made.body === 'string' ? new TextEncoder().encode(made.body) : made.body.slice()
  const tags = [...made.tags]
  return {
    version,
    body,
    meta: JSON.stringify(made.meta),
    made: { ...made, body, tags },
    realKey: made.alias ?? key,
    storedAt: now,
    asOf,
  }
}

/** When nothing may be made of it any more. */
export function isGone({ made, storedAt }: Stored, now: number): boolean {
  return now >= storedAt + made.ttl + Math.max(made.staleWhileRevalidate, made.staleIfError)
}

/** As a process gets it: bytes of its own. */
export function toShared(stored: Stored, now: number): SharedRecord {
  const { made, realKey, version } = stored
  const age = Math.max(0, now - stored.storedAt)
  return {
    version,
    body: stored.body.slice(),
    meta: stored.meta === undefined ? undefined : JSON.parse(stored.meta),
    tags: made.tags,
    age,
    ttl: made.ttl > 0 ? made.ttl - age : 0,
    staleWhileRevalidate: made.staleWhileRevalidate,
    staleIfError: made.staleIfError,
    duration: made.duration,
    isFor: key => key === realKey,
  }
}

/** What an error is known by beside its name and message, to programs and to HTTP frameworks. */
const TOLD = new Set(['code', 'status', 'statusCode', 'expose'])

/** An error in its published form, or the value if it is no error. */
export function toldError(error: unknown): unknown {
  try {
    return error instanceof Error ? likeIt(error) : plain(error)
  } catch {
    return new Error('an error that cannot be told')
  }
}

function likeIt(error: Error): Error {
  const told = new Error(error.message)
  const name = { value: error.name, configurable: true, writable: true }
  const fields = Object.entries(error).filter(([field]) => TOLD.has(field))
  return Object.assign(Object.defineProperty(told, 'name', name), plain(Object.fromEntries(fields)))
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
