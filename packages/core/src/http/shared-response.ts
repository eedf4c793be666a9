import { ownBytes } from '../own-bytes.ts'
import type { NewRecord, SharedRecord } from '../shared-store.ts'
import { isFieldName } from './headers.ts'
import { ownFields } from './own-fields.ts'
import type { MadeResponse, StoredResponse } from './stored-response.ts'
import type { HeaderLines, ReplayedHeader } from './types.ts'

type Lines = readonly (readonly [name: string, lines: readonly string[]])[]
type Replayed = readonly (readonly [name: string, value: string | readonly string[], append: boolean])[]

/** What a record says of a response beside its body. */
interface Meta {
  readonly status: number
  /** To be replayed. */
  readonly headers: Replayed
  /** Those of the handler's own that its age, its validators and its tags are read from. */
  readonly origin: Lines
  readonly wallNow: number
  readonly body: 'bytes' | 'text' | 'none'
  readonly vary: readonly string[]
  readonly mayBeStale: boolean
}

/** A response of another process. */
export interface SharedResponse {
  readonly made: Omit<MadeResponse, 'key'>
  /** What the answers of its primary key vary on, as far as its process knew. */
  readonly vary: readonly string[]
}

/** Those that are not replayed speak to the client that asked; nothing is told of them. */
const TOLD = new Set([...ownFields, 'age', 'date', 'etag', 'last-modified'])
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A response for other processes. */
export function recordOf(
  { origin, headers, wallNow, marks, stale }: MadeResponse,
  response: StoredResponse,
  vary: readonly string[],
): Pick<NewRecord, 'body' | 'meta' | 'tags'> {
  const { wholeBody } = response
  const meta: Meta = {
    status: origin.status,
    headers: headers.map(({ name, value, append }) => [name, value, append]),
    origin: [...origin.headers].filter(([name]) => TOLD.has(name)),
    wallNow,
    body: wholeBody === null ? 'none' : typeof wholeBody === 'string' ? 'text' : 'bytes',
    vary,
    mayBeStale: stale?.mayBeStale ?? false,
  }
  return { body: wholeBody ?? '', meta, tags: marks }
}

/** A record as the response that it was; `undefined` for one that is none, or that no reply could bear. */
export function responseOf(record: SharedRecord, now: number): SharedResponse | undefined {
  const { meta, age, ttl, tags, version, staleWhileRevalidate, staleIfError } = record
  if (!isMeta(meta)) return undefined
  const body = meta.body === 'none' ? null : meta.body === 'text' ? decoder.decode(record.body) : ownBytes(record.body)
  const made = {
    origin: { status: meta.status, headers: new Map(meta.origin) satisfies HeaderLines },
    headers: meta.headers.map(([name, value, append]): ReplayedHeader => ({ name, value, append })),
    body,
    marks: tags,
    now: now - age,
    wallNow: meta.wallNow,
    lifetime: age + ttl,
    stale: { staleWhileRevalidate, staleIfError, mayBeStale: meta.mayBeStale },
    version,
  }
  return { made, vary: meta.vary }
}

type Unknown<T> = { readonly [Name in keyof T]?: unknown }

/** Whoever can write into the store could otherwise break each reply that it is given on. */
function isMeta(value: unknown): value is Meta {
  if (typeof value !== 'object' || value === null) return false
  const meta: Unknown<Meta> = value
  return isHead(meta) && isRest(meta) && isList(meta.headers, isReplayed) && isList(meta.origin, isLine)
}

function isHead({ status, body }: Unknown<Meta>): boolean {
  const isStatus = typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599
  return isStatus && ['bytes', 'text', 'none'].includes(body as string)
}

function isRest({ wallNow, mayBeStale, vary }: Unknown<Meta>): boolean {
  return Number.isFinite(wallNow) && typeof mayBeStale === 'boolean' && isNames(vary)
}

function isReplayed(item: readonly unknown[]): boolean {
  const [name, value, append] = item
  return isName(name) && (isValue(value) || isValues(value)) && typeof append === 'boolean'
}

function isLine([name, lines]: readonly unknown[]): boolean {
  return isName(name) && isValues(lines)
}

function isList(value: unknown, accepts: (item: readonly unknown[]) => boolean): boolean {
  return Array.isArray(value) && value.every(item => Array.isArray(item) && accepts(item))
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && isFieldName(value)
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every(isName)
}

function isValue(value: unknown): boolean {
  return typeof value === 'string' && FIELD_VALUE.test(value)
}

function isValues(value: unknown): boolean {
  return Array.isArray(value) && value.every(isValue)
}
