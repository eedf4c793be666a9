import { part, selectedBy } from './key.ts'
import { canonical } from './parsed-body.ts'
import type { RequestView } from '../contract/contract.ts'

/** A larger body is not part of a key: its request bypasses. */
const MAX_BYTES = 2 ** 20
/** A longer body stands in the key as its digest, which is not longer than this. */
const MAX_IN_CLEAR = 64

/** What says how a body is to be read (RFC 9110 s8.3 to s8.7, s14.4; RFC 6266). */
const CONTENT = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-location',
  'content-disposition',
  'content-range',
]

/** RFC 9110 s9.3.1, s9.3.2: a body means nothing to these, so none is part of their keys. */
export function isBodiless(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** RFC 9110 s8.6, s6.4.1: a request has a body if it says its length or that it is in chunks; HTTP/2 says neither. */
export function hasBody(view: RequestView): boolean {
  const length = view.header('content-length')
  const isFramed = view.header('transfer-encoding') !== undefined || (length !== undefined && length !== '0')
  return isFramed || view.hasBody?.() === true
}

/** What a request's body adds to its primary key, or null where it cannot stand in one. Rejects as `readBody` does. */
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

/** That two bodies never have the same key rests on SHA-256 here. */
async function digest(kind: string, bytes: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  return part(kind + Array.from(hash, byte => byte.toString(16).padStart(2, '0')).join(''))
}
