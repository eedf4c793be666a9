import { Readable, type Stream } from 'node:stream'
import {
  applied,
  type Body,
  type BodyStream,
  type HeaderLines,
  headerLines,
  type Lease,
  type OriginResponse,
  type Outcome,
  type ReplayedHeader,
  type ReplayedResponse,
  type TappedBody,
  webBody,
} from '@stampede/core/http'
import type { Context } from 'koa'

/** Statuses without a body, for which Koa drops whatever there is. */
const EMPTY_STATUS = new Set([204, 205, 304])

/** Streams that were assigned to the body, with what reads them. */
export interface Taps {
  of(body: unknown): TappedBody | undefined
  stop(): void
}

export function headersOf(ctx: Context): HeaderLines {
  return headerLines(Object.entries(ctx.res.getHeaders()))
}

export function applyHeaders(ctx: Context, headers: readonly ReplayedHeader[]): void {
  const { res } = ctx
  if (res.headersSent) return
  for (const header of headers) {
    const { name, value, append } = header
    if (typeof value === 'string' && (!append || !res.hasHeader(name))) res.setHeader(name, value)
    else if (value.length === 0 && typeof value === 'object') res.removeHeader(name)
    else res.setHeader(name, applied(res.getHeader(name), header))
  }
}

/** The app answers by itself, past Koa. */
export function isHijacked(ctx: Context): boolean {
  return ctx.respond === false || ctx.headerSent
}

/** Koa's own 404: nobody took the request. */
export function wroteNothing(ctx: Context): boolean {
  return ctx.status === 404 && (ctx.body === undefined || ctx.body === null)
}

/**
 * Taps each stream as it is assigned. Koa ties a stream to the leader's socket in that moment, and destroys it with the
 * socket, even when the body is replaced later.
 */
export function tapStreams(ctx: Context, lease: Lease): Taps {
  const taps = new WeakMap<object, TappedBody>()
  const { response } = ctx
  const inherited = Object.getPrototypeOf(response) as object
  Object.defineProperty(response, 'body', {
    configurable: true,
    get: (): unknown => Reflect.get(inherited, 'body', response),
    set: (body: unknown) => {
      Reflect.set(inherited, 'body', tapped(body), response)
    },
  })
  const tapped = (body: unknown): unknown => {
    const source = streamOf(body)
    if (source === undefined || taps.has(body as object)) return body
    const tap = lease.tap(source)
    // A file's stream says which one it is: @koa/etag makes the tag of that.
    const reader = Object.assign(Readable.from(tap, { objectMode: false }), pathOf(body))
    taps.set(reader, tap)
    return reader
  }
  return {
    of: body => (typeof body === 'object' && body !== null ? taps.get(body) : undefined),
    stop: () => Reflect.deleteProperty(response, 'body'),
  }
}

/** What the handler left on the context, as Koa would send it; `undefined` for a stream that cannot be tapped. */
export function answerOf(ctx: Context, taps: Taps): Omit<OriginResponse, 'before'> | undefined {
  const { status, body } = ctx
  const isStream = isNodeStream(body) || body instanceof ReadableStream
  if (isStream && taps.of(body) === undefined) return undefined
  const headers = headersOf(ctx)
  if (EMPTY_STATUS.has(status)) return { status, headers, body: null }
  if (body !== undefined) return { status, headers, body: bodyOf(ctx, body, taps) }
  // Koa sends the status text where there is no body at all.
  const text = ctx.req.httpVersionMajor >= 2 ? String(status) : ctx.message || String(status)
  const type = ['text/plain; charset=utf-8']
  return { status, headers: new Map(headers).set('content-type', type), body: text }
}

function bodyOf(ctx: Context, body: unknown, taps: Taps): Body {
  const tap = taps.of(body)
  // The answer to a HEAD has no body; of one that would have to be read, nothing is.
  if (tap !== undefined) return ctx.method === 'HEAD' ? null : tap
  if (body === null) return ''
  if (typeof body === 'string' || Buffer.isBuffer(body)) return body
  if (body instanceof Blob) return webBody(body.stream())
  if (body instanceof Response) return body.body === null ? '' : webBody(body.body)
  // Bytes: a text would make Koa's own guess at the type of it.
  return Buffer.from(JSON.stringify(body))
}

/** Sends the leader its own reader of a body that Koa took whole, with the length that Koa knew. */
export function sendTapped(ctx: Context, body: TappedBody): void {
  const length = ctx.res.getHeader('Content-Length')
  ctx.body = Readable.from(body, { objectMode: false })
  if (length !== undefined) ctx.res.setHeader('Content-Length', length)
}

/**
 * Calls back when the whole app is done and before the head is written. Koa then reads `ctx.respond`, and nothing else
 * does; it does so also when the client has gone and no head is ever written.
 */
export function beforeRespond(ctx: Context, callback: () => void): void {
  let respond: boolean | undefined = ctx.respond
  Object.defineProperty(ctx, 'respond', {
    configurable: true,
    enumerable: true,
    get() {
      Object.defineProperty(ctx, 'respond', { configurable: true, enumerable: true, writable: true, value: respond })
      callback()
      return respond
    },
    set(value: boolean | undefined) {
      respond = value
    },
  })
}

/** Answers through Koa's own reply path, so that the middleware in front still has its say. */
export function replay(ctx: Context, response: ReplayedResponse, outcome: Outcome): void {
  put(ctx, response)
  applyHeaders(ctx, outcome.headers)
}

export function put(ctx: Context, { status, headers, body, byteLength }: ReplayedResponse): void {
  // Not through the context, which passes on what it is told.
  const { response } = ctx
  response.status = status
  if (body === null) {
    if (response.body !== undefined && response.body !== null) {
      response.body = null
      // Koa gives an answer without a body another one.
      response.status = status
    }
    applyHeaders(ctx, headers)
    return
  }
  // Before the body, for which Koa then makes no guess at the type.
  applyHeaders(ctx, headers)
  const hasType = ctx.res.hasHeader('Content-Type')
  response.body = bodyFor(body)
  if (isArriving(body) && byteLength !== undefined) response.length = byteLength
  if (!hasType) response.remove('Content-Type')
}

/** Koa closes a stream with the reply: the reader of a body on its way then holds nothing. */
function bodyFor(body: NonNullable<ReplayedResponse['body']>): string | Buffer | Readable {
  if (isArriving(body)) return Readable.from(body, { objectMode: false })
  if (typeof body === 'string' || Buffer.isBuffer(body)) return body
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}

function isArriving(body: ReplayedResponse['body']): body is TappedBody {
  return typeof body === 'object' && body !== null && !(body instanceof Uint8Array)
}

function streamOf(body: unknown): BodyStream | undefined {
  // One that is locked is read by somebody else already: Koa says so in its own words.
  if (body instanceof ReadableStream) return body.locked ? undefined : webBody(body)
  return isReadable(body) ? { chunks: body, cancel: () => body.destroy() } : undefined
}

function pathOf(body: unknown): { readonly path?: unknown } {
  return typeof body === 'object' && body !== null && 'path' in body ? { path: body.path } : {}
}

/** A stream of any age; only those of today can be read by others too. */
function isNodeStream(body: unknown): body is Readable {
  return typeof (body as Stream | null | undefined)?.pipe === 'function'
}

function isReadable(body: unknown): body is Readable {
  return isNodeStream(body) && typeof body[Symbol.asyncIterator] === 'function' && typeof body.destroy === 'function'
}
