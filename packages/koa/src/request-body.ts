import type { IncomingMessage } from 'node:http'
import { nextTick } from 'node:process'
import { Readable } from 'node:stream'
import { hasTrailers, type RequestBody } from '@stampede/core/http'
import type { Context } from 'koa'

/** What Node's own look for whether a stream was read from (`stream.isDisturbed`). */
const DISTURBED = Symbol.for('nodejs.stream.disturbed')

/** The body of a request: as it is sent where nobody has read it, else what parsers in front have made of it. */
export async function readBody(ctx: Context, maxBytes: number): Promise<RequestBody | null> {
  if (Readable.isDisturbed(ctx.req)) return parsedInFront(ctx)
  // HTTP/2 lets nobody know that all has come, trailers too, before the stream ends.
  if (ctx.req.httpVersionMajor > 1) return null
  const bytes = await peek(ctx.req, maxBytes)
  drainWhenAnswered(ctx)
  return hasTrailers(ctx.req) ? null : bytes
}

/** All that the usual parsers leave: without any of it, it is somewhere that no key can see. */
function parsedInFront(ctx: Context): RequestBody | null {
  const { body, rawBody, files } = ctx.request as { body?: unknown; rawBody?: unknown; files?: unknown }
  const isSeen = ctx.req.readableEnded && (body !== undefined || rawBody !== undefined)
  // Files are kept elsewhere, by each parser in its own way.
  const hasFiles = files !== undefined || ctx.is('multipart') !== false
  return isSeen && !hasFiles ? { parsed: [body, rawBody] } : null
}

/**
 * Takes a body off its stream without letting the stream end, and puts it back: whoever reads it next finds all of it.
 * Null where it is longer, breaks off, or is being read already.
 */
async function peek(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | null> {
  if (request.readableEncoding !== null || request.readableFlowing !== null || request.destroyed) return null
  const bytes = await collect(request, maxBytes)
  // Until then Node counts the listener that was removed, and would not let the stream flow for another one.
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
      // In the same turn as the last read: a stream that is empty at the end of it ends.
      const bytes = Buffer.concat(chunks)
      if (size > 0 && !request.destroyed) request.unshift(bytes)
      resolve(isWhole ? bytes : null)
    }
    const onClose = (): void => end(false)
    const take = (): void => {
      // By its exact length: to read past the end is to end the stream.
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
    // First what is there: the listener would make a stream that is empty and complete end.
    take()
    if (!isSettled) request.on('readable', take)
  })
}

/** Node drops what a handler leaves of a body, that the next request of the connection can come; not if it was read from. */
function drainWhenAnswered({ req, res }: Context): void {
  res.once('finish', () => {
    if (!req.readableEnded && req.listenerCount('data') + req.listenerCount('readable') === 0) req.resume()
  })
}
