import { copyBytes } from '../../base/copy-bytes.ts'
import type { NewRecord, SharedRecord } from '../../fleet/shared-store.ts'
import { isFieldName } from '../rfc/headers.ts'
import { controlHeaders } from '../options/control-headers.ts'
import { isReplayable } from './snapshot.ts'
import { unshareableStatus } from '../rfc/storable.ts'
import type { MadeResponse, StoredResponse } from './stored-response.ts'
import type { HeaderLines, ReplayedHeader } from '../contract/contract.ts'

type Lines = readonly (readonly [name: string, lines: readonly string[]])[]
type Replayed = readonly (readonly [name: string, value: string | readonly string[], append: boolean])[]

/** The metadata of a response in its record. */
interface Meta {
  readonly status: number
  /** The headers to replay. */
  readonly headers: Replayed
  /** The handler's own headers that determine age, validators and tags. */
  readonly origin: Lines
  readonly wallNow: number
  readonly body: 'bytes' | 'text' | 'none'
  readonly vary: readonly string[]
  readonly mayBeStale: boolean
}

/** A response of another process. */
export interface SharedResponse {
  readonly made: Omit<MadeResponse, 'key'>
  /** The headers that the answers of its primary key vary on, as far as its process knew. */
  readonly vary: readonly string[]
}

/** Headers that are not replayed concern one client, and are not published. */
const TOLD = new Set([...controlHeaders, 'age', 'date', 'etag', 'last-modified'])
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Serializes a response for other processes. */
export function recordOf(
  { origin, headers, wallNow, tags, stale }: MadeResponse,
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
  return { body: wholeBody ?? '', meta, tags }
}

/** Deserializes a record; `undefined` for an unreadable record, or one that no reply could carry. */
export function responseOf(record: SharedRecord, method: string, now: number): SharedResponse | undefined {
  const meta = metaOf(record, method)
  if (meta === undefined) return undefined
  const { age, ttl, tags, version, staleWhileRevalidate, staleIfError } = record
  const body = meta.body === 'none' ? null : meta.body === 'text' ? decoder.decode(record.body) : copyBytes(record.body)
  const made = {
    origin: { status: meta.status, headers: new Map(meta.origin) satisfies HeaderLines },
    headers: meta.headers.map(([name, value, append]): ReplayedHeader => ({ name, value, append })),
    body,
    tags,
    now: now - age,
    wallNow: meta.wallNow,
    lifetime: age + ttl,
    stale: { staleWhileRevalidate, staleIfError, mayBeStale: meta.mayBeStale },
    version,
  }
  return { made, vary: meta.vary }
}

/** The headers that the answers of the primary key vary on, by the record. */
export function varyIn(record: SharedRecord, method: string): readonly string[] | undefined {
  return metaOf(record, method)?.vary
}

type Unknown<T> = { readonly [Name in keyof T]?: unknown }

/** Without these checks, anyone who can write to the store could break every reply with its records. */
function metaOf({ meta, body }: SharedRecord, method: string): Meta | undefined {
  return isMeta(meta) && isHead(meta, body.byteLength) && areHeaders(meta, method) ? meta : undefined
}

function isMeta(value: unknown): value is Meta {
  if (typeof value !== 'object' || value === null) return false
  const { status, body, wallNow, mayBeStale, vary, headers, origin }: Unknown<Meta> = value
  return (
    Number.isInteger(status) &&
    ['bytes', 'text', 'none'].includes(body as string) &&
    Number.isFinite(wallNow) &&
    typeof mayBeStale === 'boolean' &&
    isList(vary, isName) &&
    isList(headers, isReplayed) &&
    isList(origin, isLine)
  )
}

/** RFC 9110 s15.3.5, s15.3.6: those two have no content. */
function isHead({ status, body }: Meta, bytes: number): boolean {
  const isEmpty = body === 'none' || status === 204 || status === 205
  return status <= 599 && unshareableStatus(status, false) === undefined && !(isEmpty && bytes > 0)
}

/** A handler may have removed headers that are never replayed. A length is only meaningful for a HEAD. */
function areHeaders({ headers, body }: Meta, method: string): boolean {
  const length = method === 'HEAD' ? /^\d+$/ : /^0+$/
  return headers.every(([name, value, append]) => {
    if (typeof value === 'object' && value.length === 0) return true
    if (name !== 'content-length') return isReplayable(name)
    return body === 'none' && !append && typeof value === 'string' && length.test(value)
  })
}

function isReplayed(item: unknown): boolean {
  const [name, value, append] = partsOf(item)
  return isName(name) && (isValue(value) || isList(value, isValue)) && typeof append === 'boolean'
}

function isLine(item: unknown): boolean {
  const [name, lines] = partsOf(item)
  return TOLD.has(name as string) && isList(lines, isValue)
}

function isList(value: unknown, accepts: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(item => accepts(item))
}

function partsOf(item: unknown): readonly unknown[] {
  return Array.isArray(item) ? item : []
}

/** A field name in lower case. `*` is no field name, but says that nothing matches. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '*' && isFieldName(value) && value === value.toLowerCase()
}

function isValue(value: unknown): boolean {
  return typeof value === 'string' && FIELD_VALUE.test(value)
}
