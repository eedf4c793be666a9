/** The same bytes as a Buffer, without a copy. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function hexOf(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('hex')
}

/** A reply, or a part of one, as text. */
export function textOf(reply: unknown): string {
  if (reply instanceof Uint8Array) return bufferOf(reply).toString()
  return typeof reply === 'string' || typeof reply === 'number' ? String(reply) : ''
}

/** A reply, or a part of one, as bytes: a client that knows no binary replies has given text. */
export function bytesOf(reply: unknown): Uint8Array | undefined {
  if (reply instanceof Uint8Array) return reply
  return typeof reply === 'string' ? Buffer.from(reply, 'latin1') : undefined
}
