/** A view keeps its whole buffer alive. If the buffer is this many times larger than the view, the bytes are copied. */
const MOST_PINNED = 4

/** Bytes that can be stored without keeping much more memory alive. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > MOST_PINNED * bytes.byteLength ? new Uint8Array(bytes) : bytes
}
