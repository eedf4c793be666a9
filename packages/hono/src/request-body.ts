import type { RequestBody } from '@stampede/core/http'
import type { Context } from 'hono'

/** The body of a request: as sent if it is unread, or else the result of middleware in front. */
export async function readBody(c: Context, maxBytes: number): Promise<RequestBody | null> {
  const { raw } = c.req
  if (raw.bodyUsed) return cachedBody(c)
  if (raw.body === null || raw.body.locked) return null
  // The request itself keeps for the handler what the copy is read from.
  const copy = raw.clone().body
  return copy === null ? null : readAll(copy.getReader(), maxBytes)
}

/** Hono caches for later readers, which may be all that exists. */
async function cachedBody(c: Context): Promise<RequestBody | null> {
  // Promises, which Hono types as values.
  const { text, json, arrayBuffer, ...others } = c.req.bodyCache as Readonly<Record<string, Promise<unknown>>>
  // Forms have files, and blobs are not read.
  if (Object.keys(others).length > 0) return null
  if (arrayBuffer !== undefined) return text === undefined && json === undefined ? bytesOf(await arrayBuffer) : null
  return text === undefined && json === undefined ? null : { parsed: [await text, await json] }
}

function bytesOf(buffer: unknown): Uint8Array | null {
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : null
}

/** All bytes, or null if there are more, or the upload breaks off, which the next reader sees. */
async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, maxBytes: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer())
      size += value.byteLength
      if (size > maxBytes) break
      chunks.push(value as Uint8Array<ArrayBuffer>)
    }
  } catch {
    return null
  }
  // Not awaited: it ends only with the request's own half.
  reader.cancel().catch(() => {})
  return null
}

/** Reads the rest that a handler left, so that the next request of the connection can arrive. */
export function drain(raw: Request): void {
  if (raw.bodyUsed || raw.body === null || raw.body.locked) return
  raw.body.pipeTo(new WritableStream()).catch(() => {})
}
