import { Readable } from 'node:stream'
import {
  applied,
  type Body,
  type HeaderLines,
  headerLines,
  type Lease,
  type ReplayedHeader,
  type ReplayedResponse,
  type Turn,
  webBody,
  whenHeadWritten,
} from '@stampede/core/http'
import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'

/** Where a request keeps its turn, for the hooks that see its reply. */
export const TURN: unique symbol = Symbol('stampede.turn')

/** The turn of a request, and the headers that stood on its reply before the handler ran. */
interface Taken {
  turn: Turn
  /** That of a leader. */
  readonly lease?: Lease
  readonly before: HeaderLines
  /** Puts back request headers that were kept from the handler. */
  readonly restore: () => void
  /** Whether the reply says what became of the request. */
  isTold: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    [TURN]?: Taken | undefined
  }
}

export function headersOf(reply: FastifyReply): HeaderLines {
  return headerLines(Object.entries(reply.getHeaders()))
}

/** The handler answers by itself, past Fastify. */
export function isHijacked(reply: FastifyReply): boolean {
  return reply.sent && !reply.raw.writableEnded
}

/** Answers through Fastify's own reply path, so that all other hooks still run. */
export function replay(reply: FastifyReply, response: ReplayedResponse): void {
  const payload = put(reply, response)
  if (payload === null) reply.send()
  else reply.send(payload)
}

/** Puts the head on the reply, and gives the payload. */
function put(reply: FastifyReply, { status, headers, body }: ReplayedResponse): Buffer | string | null {
  reply.code(status)
  applyHeaders(reply, headers)
  return body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : body
}

/** Takes the body before other hooks compress it, and says in the reply what became of the request. */
export const takeOnSend: onSendHookHandler = (request, reply, payload, done) => {
  const taken = request[TURN]
  if (taken === undefined) return done(null, payload)
  const isFirst = !taken.isTold
  taken.isTold = true
  if (taken.turn.kind === 'replay') dropAddedType(reply, taken.turn.response)
  const sent = taken.lease === undefined ? payload : takeAnswer(request, reply, payload)
  // These hooks run again for what an error makes of the reply.
  if (isFirst) applyHeaders(reply, taken.turn.outcome.headers)
  done(null, sent)
}

/** Shows the leader's answer to its lease, and gives what is to be sent in its place. */
function takeAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const taken = request[TURN]
  const own = payload instanceof Response && !payload.bodyUsed ? unpack(reply, payload) : payload
  const body = bodyOf(request, own)
  if (taken?.lease === undefined || body === undefined) return own
  taken.restore()
  const head = { status: reply.statusCode, headers: headersOf(reply), before: taken.before }
  const sent = taken.lease.snapshot({ ...head, body })
  if (sent === undefined) return own
  if (!('kind' in sent)) return Readable.from(sent, { objectMode: false })
  taken.turn = sent
  return put(reply, sent.response)
}

/** Stands last of all hooks: the head is final. */
export const fulfillOnSend: onSendHookHandler = (request, reply, payload, done) => {
  const lease = request[TURN]?.lease
  if (lease !== undefined) {
    // No head is written to a client that has gone.
    if (reply.raw.destroyed) lease.fulfill(headersOf(reply))
    else whenHeadWritten(reply.raw, headers => lease.fulfill(headers))
  }
  done(null, payload)
}

function applyHeaders(reply: FastifyReply, headers: readonly ReplayedHeader[]): void {
  for (const header of headers) {
    if (header.value.length === 0 && typeof header.value === 'object') reply.removeHeader(header.name)
    else reply.header(header.name, applied(reply.getHeader(header.name), header))
  }
}

/** Fastify gives a Buffer a type of its own where it has none; a stored response without one has none. */
function dropAddedType(reply: FastifyReply, response: ReplayedResponse): void {
  if (response.body === null || response.headers.some(header => header.name === 'content-type')) return
  const type = String(reply.getHeader('content-type'))
  if (type === 'application/octet-stream' || type.startsWith('text/plain')) reply.removeHeader('content-type')
}

/** Merges a Response into the reply, as Fastify does after these hooks, and gives its body. */
function unpack(reply: FastifyReply, response: Response): ReadableStream | undefined {
  reply.code(response.status)
  for (const [name, value] of response.headers) reply.header(name, value)
  return response.body ?? undefined
}

/** The payload as a body, or `undefined` for one that Fastify will refuse. */
function bodyOf(request: FastifyRequest, payload: unknown): Body | undefined {
  if (payload === undefined || payload === null) return null
  if (typeof payload === 'string' || payload instanceof Uint8Array) return payload
  // The answer to a HEAD has no body; of one that would have to be read, nothing is.
  if (request.method === 'HEAD') return null
  // One that is locked is read by somebody else already: Fastify says so in its own words.
  if (payload instanceof ReadableStream) return payload.locked ? undefined : webBody(payload)
  return isReadable(payload) ? { chunks: payload, cancel: () => payload.destroy() } : undefined
}

/** Also one of a library that has streams of its own. */
function isReadable(payload: unknown): payload is Readable {
  const { pipe, destroy, [Symbol.asyncIterator]: iterate } = Object(payload) as Partial<Readable>
  return [pipe, destroy, iterate].every(method => typeof method === 'function')
}
