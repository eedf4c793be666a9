/** A view keeps all the memory alive that it is a view of; where that is so many times larger, what is kept gets its own. */
const MOST_PINNED = 4

/** The bytes as they may be kept. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > MOST_PINNED * bytes.byteLength ? new Uint8Array(bytes) : bytes
}
