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

/** Statuses for which Koa drops the body. */
const EMPTY_STATUS = new Set([204, 205, 304])

/** Streams that were assigned to the body, with their readers. */
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

/** The app writes to the raw reply, without Koa. */
export function isHijacked(ctx: Context): boolean {
  return ctx.respond === false || ctx.headerSent
}

/** Koa's own 404: no middleware answered. */
export function wroteNothing(ctx: Context): boolean {
  return ctx.status === 404 && (ctx.body === undefined || ctx.body === null)
}

/**
 * Taps each stream as it is assigned. At that moment Koa ties a stream to the leader's socket, and destroys it with
 * the socket, even if the body is replaced later.
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
    // A file stream shows its path, from which @koa/etag makes the tag.
    const reader = Object.assign(Readable.from(tap, { objectMode: false }), pathOf(body))
    taps.set(reader, tap)
    return reader
  }
  return {
    of: body => (typeof body === 'object' && body !== null ? taps.get(body) : undefined),
    stop: () => Reflect.deleteProperty(response, 'body'),
  }
}

/** The handler's answer, as Koa would send it; `undefined` for a stream that cannot be tapped. */
export function answerOf(ctx: Context, taps: Taps): Omit<OriginResponse, 'before'> | undefined {
  const { status, body } = ctx
  const isStream = isNodeStream(body) || body instanceof ReadableStream
  if (isStream && taps.of(body) === undefined) return undefined
  const headers = headersOf(ctx)
  if (EMPTY_STATUS.has(status)) return { status, headers, body: null }
  if (body !== undefined) return { status, headers, body: bodyOf(ctx, body, taps) }
  // Koa sends the status text if there is no body at all.
  const text = ctx.req.httpVersionMajor >= 2 ? String(status) : ctx.message || String(status)
  const type = ['text/plain; charset=utf-8']
  return { status, headers: new Map(headers).set('content-type', type), body: text }
}

function bodyOf(ctx: Context, body: unknown, taps: Taps): Body {
  const tap = taps.of(body)
  // The answer to a HEAD has no body; a stream is not read for it.
  if (tap !== undefined) return ctx.method === 'HEAD' ? null : tap
  if (body === null) return ''
  if (typeof body === 'string' || Buffer.isBuffer(body)) return body
  if (body instanceof Blob) return webBody(body.stream())
  if (body instanceof Response) return body.body === null ? '' : webBody(body.body)
  // As bytes, since Koa would guess the type of a text.
  return Buffer.from(JSON.stringify(body))
}

/** Sends the leader its own reader of a body that Koa had complete, with the known length. */
export function sendTapped(ctx: Context, body: TappedBody): void {
  const length = ctx.res.getHeader('Content-Length')
  ctx.body = Readable.from(body, { objectMode: false })
  if (length !== undefined) ctx.res.setHeader('Content-Length', length)
}

/**
 * Calls back after the whole app, before the head is written. Koa alone reads `ctx.respond` then, also if the client
 * has disconnected and no head is ever written.
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

/** Answers through Koa's reply path, so that middleware in front still runs. */
export function replay(ctx: Context, response: ReplayedResponse, outcome: Outcome): void {
  put(ctx, response)
  applyHeaders(ctx, outcome.headers)
}

export function put(ctx: Context, { status, headers, body, byteLength }: ReplayedResponse): void {
  // Not through the context, which delegates at a cost.
  const { response } = ctx
  response.status = status
  if (body === null) {
    if (response.body !== undefined && response.body !== null) {
      response.body = null
      // Koa changes an answer without a body.
      response.status = status
    }
    applyHeaders(ctx, headers)
    return
  }
  // Before the body, for which Koa then guesses no type.
  applyHeaders(ctx, headers)
  const hasType = ctx.res.hasHeader('Content-Type')
  response.body = bodyFor(body)
  if (isArriving(body) && byteLength !== undefined) response.length = byteLength
  if (!hasType) response.remove('Content-Type')
}

/** Koa closes a stream with the reply, which closes the reader of a streaming body. */
function bodyFor(body: NonNullable<ReplayedResponse['body']>): string | Buffer | Readable {
  if (isArriving(body)) return Readable.from(body, { objectMode: false })
  if (typeof body === 'string' || Buffer.isBuffer(body)) return body
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}

function isArriving(body: ReplayedResponse['body']): body is TappedBody {
  return typeof body === 'object' && body !== null && !(body instanceof Uint8Array)
}

function streamOf(body: unknown): BodyStream | undefined {
  // A locked stream has another reader: Koa reports that.
  if (body instanceof ReadableStream) return body.locked ? undefined : webBody(body)
  return isReadable(body) ? { chunks: body, cancel: () => body.destroy() } : undefined
}

function pathOf(body: unknown): { readonly path?: unknown } {
  return typeof body === 'object' && body !== null && 'path' in body ? { path: body.path } : {}
}

/** A stream of any age; only modern ones can be shared. */
function isNodeStream(body: unknown): body is Readable {
  return typeof (body as Stream | null | undefined)?.pipe === 'function'
}

function isReadable(body: unknown): body is Readable {
  return isNodeStream(body) && typeof body[Symbol.asyncIterator] === 'function' && typeof body.destroy === 'function'
}
