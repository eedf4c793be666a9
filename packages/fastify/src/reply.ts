import { Readable } from 'node:stream'
import {
  applied,
  type Body,
  breakOff,
  type HeaderLines,
  headerLines,
  type HttpStampede,
  type Lease,
  controlHeaders,
  type ReplayedHeader,
  type ReplayedResponse,
  type ReplayDecision,
  ResponseHandle,
  type TappedBody,
  type Decision,
  webBody,
  whenClosed,
  whenAnswered,
  whenHeadWritten,
} from '@stampede/core/http'
import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'
import { requestView } from './request.ts'
import { noteRun } from './shared-bytes.ts'

/** The property of a request that holds its decision, for the hooks of its reply. */
export const TURN: unique symbol = Symbol('stampede.decision')

/** The decision for a request, and the headers of its reply before the handler ran. */
interface Taken {
  decision: Decision
  /** The decision of a leader. */
  readonly lease?: Lease
  readonly before: HeaderLines
  /** Restores request headers that were hidden from the handler. */
  readonly restore: () => void
  /** Whether a stored response has no type, which Fastify would add. */
  readonly isUntyped?: boolean
  /** Whether the reply states its outcome. */
  isTold: boolean
}

/** The property of a request that holds its handle. */
export const HANDLE: unique symbol = Symbol('stampede.handle')

declare module 'fastify' {
  interface FastifyRequest {
    [TURN]?: Taken | undefined
    [HANDLE]?: ResponseHandle | undefined
  }
}

export const NO_HEADERS: HeaderLines = new Map()
export const NOTHING = (): void => {}

/** One handle per request. */
export function handleOf(request: FastifyRequest): ResponseHandle {
  request[HANDLE] ??= new ResponseHandle()
  return request[HANDLE]
}

/** Reports the head of a bypass answer, which may invalidate responses, however the handler writes it. */
export function watchHead(reply: FastifyReply, { answered }: Decision & { kind: 'bypass' }): void {
  whenAnswered(reply.raw, answered)
}

export function headersOf(reply: FastifyReply): HeaderLines {
  return headerLines(Object.entries(reply.getHeaders()))
}

/** The handler writes to the raw reply, without Fastify. */
export function isHijacked(reply: FastifyReply): boolean {
  return reply.sent && !reply.raw.writableEnded
}

/** Answers through Fastify's reply path, so that all other hooks run. */
export function replay(request: FastifyRequest, reply: FastifyReply, decision: ReplayDecision): void {
  const { response } = decision
  const payload = put(reply, response)
  const isUntyped = payload !== null && !isTyped(response)
  request[TURN] = { decision, before: NO_HEADERS, restore: NOTHING, isUntyped, isTold: false }
  if (payload === null) reply.send()
  else reply.send(payload)
}

/** Sets the head on the reply. Returns the payload. */
function put(
  reply: FastifyReply,
  { status, headers, body, byteLength }: ReplayedResponse,
): Buffer | Readable | string | null {
  reply.code(status)
  applyHeaders(reply, headers)
  if (body === null || typeof body === 'string') return body
  if (body instanceof Uint8Array) return bufferOf(body)
  if (byteLength !== undefined) reply.header('content-length', byteLength)
  return streamOf(reply, body)
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Closing the reply closes the reader, also if another hook sends something else. */
function streamOf(reply: FastifyReply, body: TappedBody): Readable {
  const stream = Readable.from(body, { objectMode: false })
  stream.once('error', () => breakOff(reply.raw))
  whenClosed(reply.raw, () => stream.destroy())
  return stream
}

/** Called with a request that did not reach one of our handlers. */
type OnPassed = (request: FastifyRequest) => void

/** Takes the body before other hooks compress it, and sets the headers of the outcome. */
export function takeOnSend(core: HttpStampede, onPassed: OnPassed): onSendHookHandler {
  const take: onSendHookHandler = (request, reply, payload, done) => {
    const taken = request[TURN] ?? passed(core, request, reply, onPassed)
    const isFirst = !taken.isTold
    taken.isTold = true
    if (taken.isUntyped === true) dropAddedType(reply)
    if (taken.lease !== undefined) noteRun(request, take)
    const sent = taken.lease === undefined ? payload : takeAnswer(request, reply, payload)
    if (isFirst) applyHeaders(reply, taken.decision.outcome.headers)
    else if (taken.decision.kind === 'replay') dropReplayed(reply, taken.decision)
    done(null, sent)
  }
  return take
}

/** A request that was answered before it reached a handler, or that has no route. */
function passed(core: HttpStampede, request: FastifyRequest, reply: FastifyReply, onPassed: OnPassed): Taken {
  onPassed(request)
  const decision = core.bypass(requestView(request, reply))
  const taken = { decision, before: NO_HEADERS, restore: NOTHING, isTold: false }
  request[TURN] = taken
  if (decision.kind === 'bypass') watchHead(reply, decision)
  return taken
}

/** Passes the leader's answer to its lease, and returns what must be sent instead. */
function takeAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const taken = request[TURN]
  const own = payload instanceof Response && !payload.bodyUsed ? unpack(reply, payload) : payload
  const body = bodyOf(request, own)
  if (taken?.lease === undefined || body === undefined) return own
  taken.restore()
  const head = { status: reply.statusCode, headers: headersOf(reply), before: taken.before }
  const sent = taken.lease.snapshot({ body, ...head })
  if (sent === undefined) return own
  if (!('kind' in sent)) return streamOf(reply, sent)
  taken.decision = sent
  return put(reply, sent.response)
}

/** The last of all hooks: the head is final. */
export const fulfillOnSend: onSendHookHandler = (request, reply, payload, done) => {
  const taken = request[TURN]
  if (taken?.lease !== undefined) {
    noteRun(request, fulfillOnSend)
    fulfill(reply, taken.lease)
  } else if (taken?.decision.kind === 'replay') dropOwnFields(reply)
  done(null, payload)
}

function fulfill(reply: FastifyReply, lease: Lease): void {
  whenHeadWritten(reply.raw, headers => lease.fulfill(headers))
  // A disconnected client gets no head, even while the first byte of a stream is awaited.
  whenClosed(reply.raw, () => lease.fulfill(headersOf(reply)))
}

/** These hooks run again for the error answer that replaces a reply: it is not the stored one, nor as old. */
function dropReplayed(reply: FastifyReply, { outcome }: ReplayDecision): void {
  const { sendDate } = reply.raw
  for (const name of ['age', 'date', ...outcome.headers.map(header => header.name)]) reply.removeHeader(name)
  // Node would take the removal of a date for the wish to have none.
  reply.raw.sendDate = sendDate
}

function dropOwnFields(reply: FastifyReply): void {
  for (const name of controlHeaders) if (reply.hasHeader(name)) reply.removeHeader(name)
}

function applyHeaders(reply: FastifyReply, headers: readonly ReplayedHeader[]): void {
  for (const header of headers) {
    const { name, value, append } = header
    if (typeof value === 'string' && (!append || !reply.hasHeader(name))) reply.header(name, value)
    else if (value.length === 0 && typeof value === 'object') reply.removeHeader(name)
    else reply.header(name, applied(reply.getHeader(name), header))
  }
}

function isTyped({ headers }: ReplayedResponse): boolean {
  for (const { name } of headers) if (name === 'content-type') return true
  return false
}

/** Fastify adds a type to a Buffer; a stored response without a type must have none. */
function dropAddedType(reply: FastifyReply): void {
  const type = String(reply.getHeader('content-type'))
  if (type === 'application/octet-stream' || type.startsWith('text/plain')) reply.removeHeader('content-type')
}

/** Merges a Response into the reply, as Fastify does after these hooks. Returns its body. */
function unpack(reply: FastifyReply, response: Response): ReadableStream | undefined {
  reply.code(response.status)
  for (const [name, value] of response.headers) reply.header(name, value)
  return response.body ?? undefined
}

/** The payload as a body, or `undefined` for one that Fastify will refuse. */
function bodyOf(request: FastifyRequest, payload: unknown): Body | undefined {
  if (payload === undefined || payload === null) return null
  if (typeof payload === 'string' || payload instanceof Uint8Array) return payload
  // The answer to a HEAD has no body; a stream is not read for it.
  if (request.method === 'HEAD') return null
  // A locked stream has another reader: Fastify reports that.
  if (payload instanceof ReadableStream) return payload.locked ? undefined : webBody(payload)
  return isReadable(payload) ? { chunks: payload, cancel: () => payload.destroy() } : undefined
}

/** Also a stream of a library with its own classes. */
function isReadable(payload: unknown): payload is Readable {
  const { pipe, destroy, [Symbol.asyncIterator]: iterate } = Object(payload) as Partial<Readable>
  return [pipe, destroy, iterate].every(method => typeof method === 'function')
}
