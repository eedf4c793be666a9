import type { RequestBody } from '@stampede/core/http'
import type { Context } from 'hono'

/** The body of a request: as it is sent where nobody has read it, else what middleware in front has made of it. */
export async function readBody(c: Context, maxBytes: number): Promise<RequestBody | null> {
  const { raw } = c.req
  if (raw.bodyUsed) return cachedBody(c)
  if (raw.body === null || raw.body.locked) return null
  // What the copy is read of, the request itself keeps for the handler.
  const copy = raw.clone().body
  return copy === null ? null : readAll(copy.getReader(), maxBytes)
}

/** What Hono keeps for whoever asks again, which then is all that there is. */
async function cachedBody(c: Context): Promise<RequestBody | null> {
  // Promises of what their names say, which Hono types as values.
  const { text, json, arrayBuffer, ...others } = c.req.bodyCache as Readonly<Record<string, Promise<unknown>>>
  // Forms have files, and blobs are not read.
  if (Object.keys(others).length > 0) return null
  if (arrayBuffer !== undefined) return text === undefined && json === undefined ? bytesOf(await arrayBuffer) : null
  return text === undefined && json === undefined ? null : { parsed: [await text, await json] }
}

function bytesOf(buffer: unknown): Uint8Array | null {
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : null
}

/** All bytes, or null where there are more, or the upload breaks off: whoever reads it next is told so. */
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
  // Not awaited: it is done only when the request's own half is.
  reader.cancel().catch(() => {})
  return null
}

/** Reads what a handler has left, that the next request of the connection can come. */
export function drain(raw: Request): void {
  if (raw.bodyUsed || raw.body === null || raw.body.locked) return
  raw.body.pipeTo(new WritableStream()).catch(() => {})
}
