import { combined } from './headers.ts'
import type { Body, HeaderLines, OriginResponse } from '../contract/contract.ts'

const encoder = new TextEncoder()

export function isWhole(body: Body): body is Uint8Array | string | null {
  return body === null || typeof body === 'string' || body instanceof Uint8Array
}

/** The size of a body in bytes; of text, in UTF-8. */
export function byteLength(body: Uint8Array | string | null): number {
  if (body === null) return 0
  return typeof body === 'string' ? encoder.encode(body).byteLength : body.byteLength
}

/** RFC 9112 s8: a body that is shorter or longer than its declared length is incomplete. */
export function isComplete(body: Uint8Array | string | null, declaredBytes: number | undefined): boolean {
  return body === null || declaredBytes === undefined || declaredBytes === byteLength(body)
}

/** The declared length, in bytes. */
export function declaredLength(headers: HeaderLines): number | undefined {
  const length = combined(headers, 'content-length')
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
}

/** The size of an answer's body, if it is known before it is read. */
export function knownLength({ body, headers }: OriginResponse): number | undefined {
  return body !== null && isWhole(body) ? byteLength(body) : declaredLength(headers)
}
