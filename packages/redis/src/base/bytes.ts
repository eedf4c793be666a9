import { randomBytes } from 'node:crypto'

/** The same bytes as a Buffer, without a copy. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A token or a version as a string, and back, without loss for any bytes. */
export function tokenOf(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('latin1')
}

export function tokenBytes(token: string): Buffer {
  return Buffer.from(token, 'latin1')
}

/** A unique token: 96 random bits, as text, since some clients deliver messages only as text. */
export function newToken(): string {
  return randomBytes(12).toString('base64url')
}

/** A reply, or part of one, as text. */
export function textOf(reply: unknown): string {
  if (reply instanceof Uint8Array) return bufferOf(reply).toString()
  return typeof reply === 'string' || typeof reply === 'number' ? String(reply) : ''
}

/** A reply, or part of one, as bytes: a client without binary replies returns text. */
export function bytesOf(reply: unknown): Uint8Array | undefined {
  if (reply instanceof Uint8Array) return reply
  return typeof reply === 'string' ? Buffer.from(reply, 'latin1') : undefined
}
