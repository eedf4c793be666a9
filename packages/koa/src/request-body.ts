import type { IncomingMessage } from 'node:http'
import { nextTick } from 'node:process'
import { Readable } from 'node:stream'
import { hasTrailers, type RequestBody } from '@stampede/core/http'
import type { Context } from 'koa'

/** The property that Node checks to know whether a stream was read (`stream.isDisturbed`). */
const DISTURBED = Symbol.for('nodejs.stream.disturbed')

/** The body of a request: as sent if it is unread, or else the result of parsers in front. */
export async function readBody(ctx: Context, maxBytes: number): Promise<RequestBody | null> {
  if (Readable.isDisturbed(ctx.req)) return parsedInFront(ctx)
  // HTTP/2 does not show that everything has arrived, trailers included, before the stream ends.
  if (ctx.req.httpVersionMajor > 1) return null
  const bytes = await peek(ctx.req, maxBytes)
  drainWhenAnswered(ctx)
  return hasTrailers(ctx.req) ? null : bytes
}

/** The results of the usual parsers: without any of them, the body is where no key can see it. */
function parsedInFront(ctx: Context): RequestBody | null {
  const { body, rawBody, files } = ctx.request as { body?: unknown; rawBody?: unknown; files?: unknown }
  const isSeen = ctx.req.readableEnded && (body !== undefined || rawBody !== undefined)
  // Each parser stores files in its own way.
  const hasFiles = files !== undefined || ctx.is('multipart') !== false
  return isSeen && !hasFiles ? { parsed: [body, rawBody] } : null
}

/**
 * Reads a body without ending its stream, and puts it back for the next reader. Null if it is longer, breaks off, or
 * is being read already.
 */
async function peek(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | null> {
  if (request.readableEncoding !== null || request.readableFlowing !== null || request.destroyed) return null
  const bytes = await collect(request, maxBytes)
  // Until then Node counts the removed listener, and would not let the stream flow for another one.
  await new Promise<void>(resolve => nextTick(resolve))
  const { readableLength } = request
  Object.defineProperty(request, DISTURBED, {
    configurable: true,
    get: () => request.readableEnded || request.readableAborted || request.readableLength < readableLength,
  })
  return bytes
}

function collect(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  let isSettled = false
  return new Promise<Uint8Array | null>(resolve => {
    const end = (isWhole: boolean): void => {
      isSettled = true
      request.off('readable', take)
      request.off('close', onClose)
      // In the same turn as the last read: a stream that is empty at its end would end.
      const bytes = Buffer.concat(chunks)
      if (size > 0 && !request.destroyed) request.unshift(bytes)
      resolve(isWhole ? bytes : null)
    }
    const onClose = (): void => end(false)
    const take = (): void => {
      // By its exact length: reading past the end ends the stream.
      while (request.readableLength > 0) {
        const chunk = request.read(request.readableLength) as Uint8Array | null
        if (chunk === null) break
        chunks.push(chunk)
        size += chunk.byteLength
      }
      if (size > maxBytes) end(false)
      else if (request.complete) end(true)
    }
    request.on('close', onClose)
    // The buffered part first: the listener would end a stream that is empty and complete.
    take()
    if (!isSettled) request.on('readable', take)
  })
}

/**
 * Node discards the unread rest of a body, so that the next request of the connection can arrive, unless it was read
 * from.
 */
function drainWhenAnswered({ req, res }: Context): void {
  res.once('finish', () => {
    if (!req.readableEnded && req.listenerCount('data') + req.listenerCount('readable') === 0) req.resume()
  })
}
