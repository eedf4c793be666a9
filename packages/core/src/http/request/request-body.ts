import { part, selectedBy } from './key.ts'
import { canonical } from './parsed-body.ts'
import type { RequestView } from '../contract/contract.ts'

/** A request with a larger body bypasses. */
const MAX_BYTES = 2 ** 20
/** A longer body is represented in the key by its digest, which is not longer than this. */
const MAX_IN_CLEAR = 64

/** Headers that determine how a body is read (RFC 9110 s8.3 to s8.7, s14.4; RFC 6266). */
const CONTENT = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-location',
  'content-disposition',
  'content-range',
]

/** RFC 9110 s9.3.1, s9.3.2: a body has no meaning for these methods, so it is not part of their keys. */
export function isBodiless(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** RFC 9110 s8.6, s6.4.1: a request has a body if it states its length or chunked coding; HTTP/2 needs neither. */
export function hasBody(view: RequestView): boolean {
  const length = view.header('content-length')
  const isFramed = view.header('transfer-encoding') !== undefined || (length !== undefined && length !== '0')
  return isFramed || view.hasBody?.() === true
}

/**
 * The part of the primary key for the body of a request, or null if it cannot be part of a key. Rejects as `readBody`
 * does.
 */
export async function bodyKey(view: RequestView): Promise<string | null> {
  const body = hasBody(view) ? await contentKey(view) : part(undefined)
  return body === null ? null : selectedBy(view, CONTENT) + body
}

async function contentKey(view: RequestView): Promise<string | null> {
  if (Number(view.header('content-length') ?? 0) > MAX_BYTES) return null
  const body = (await view.readBody?.(MAX_BYTES)) ?? null
  if (body === null) return null
  if (body instanceof Uint8Array) return bytesKey(body)
  const text = canonical(body.parsed, MAX_BYTES)
  return text === null ? null : textKey(text)
}

function bytesKey(bytes: Uint8Array): string | Promise<string> | null {
  if (bytes.byteLength > MAX_BYTES) return null
  return bytes.byteLength <= MAX_IN_CLEAR ? part(`b${String.fromCharCode(...bytes)}`) : digest('B', bytes)
}

function textKey(text: string): string | Promise<string> {
  return text.length <= MAX_IN_CLEAR ? part(`p${text}`) : digest('P', new TextEncoder().encode(text))
}

/** Different bodies have different keys as far as SHA-256 has no collisions. */
async function digest(kind: string, bytes: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  return part(kind + Array.from(hash, byte => byte.toString(16).padStart(2, '0')).join(''))
}
