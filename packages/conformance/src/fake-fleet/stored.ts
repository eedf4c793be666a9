import type { NewRecord, SharedRecord } from '../../../core/src/shared-store.ts'

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

/** What is sent is not what was given: nobody can change it any more. */
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

/** An error as another process can be told of it: its name, message and code, or the value where it is not one. */
export function toldError(error: unknown): unknown {
  if (!(error instanceof Error)) return isPlain(error) ? error : new Error(String(error))
  const told = new Error(error.message)
  const name = { value: error.name, configurable: true, writable: true }
  const own = Object.entries(error).filter(([field, value]) => TOLD.has(field) && isPlain(value))
  Object.assign(Object.defineProperty(told, 'name', name), Object.fromEntries(own))
  return told
}

const TOLD = new Set(['code', 'status', 'statusCode', 'expose'])

function isPlain(value: unknown): boolean {
  return value === null || ['undefined', 'string', 'number', 'boolean'].includes(typeof value)
}
