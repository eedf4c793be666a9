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

/** Where a request keeps its decision, for the hooks that see its reply. */
export const TURN: unique symbol = Symbol('stampede.decision')

/** The decision of a request, and the headers that stood on its reply before the handler ran. */
interface Taken {
  decision: Decision
  /** That of a leader. */
  readonly lease?: Lease
  readonly before: HeaderLines
  /** Puts back request headers that were kept from the handler. */
  readonly restore: () => void
  /** A stored response without a type, which Fastify gives one. */
  readonly isUntyped?: boolean
  /** Whether the reply says what became of the request. */
  isTold: boolean
}

/** Where a request keeps what its handler may say of its answer. */
export const HANDLE: unique symbol = Symbol('stampede.handle')

declare module 'fastify' {
  interface FastifyRequest {
    [TURN]?: Taken | undefined
    [HANDLE]?: ResponseHandle | undefined
  }
}

export const NO_HEADERS: HeaderLines = new Map()
export const NOTHING = (): void => {}

/** One for each request. */
export function handleOf(request: FastifyRequest): ResponseHandle {
  request[HANDLE] ??= new ResponseHandle()
  return request[HANDLE]
}

/** What an answer that nobody shares may invalidate; its head is seen however the handler writes it. */
export function watchHead(reply: FastifyReply, { answered }: Decision & { kind: 'bypass' }): void {
  whenAnswered(reply.raw, answered)
}

export function headersOf(reply: FastifyReply): HeaderLines {
  return headerLines(Object.entries(reply.getHeaders()))
}

/** The handler answers by itself, past Fastify. */
export function isHijacked(reply: FastifyReply): boolean {
  return reply.sent && !reply.raw.writableEnded
}

/** Answers through Fastify's own reply path, so that all other hooks still run. */
export function replay(request: FastifyRequest, reply: FastifyReply, decision: ReplayDecision): void {
  const { response } = decision
  const payload = put(reply, response)
  const isUntyped = payload !== null && !isTyped(response)
  request[TURN] = { decision, before: NO_HEADERS, restore: NOTHING, isUntyped, isTold: false }
  if (payload === null) reply.send()
  else reply.send(payload)
}

/** Puts the head on the reply, and gives the payload. */
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

/** Its reader is closed with the reply, also where another hook sends something else: it then holds nothing. */
function streamOf(reply: FastifyReply, body: TappedBody): Readable {
  const stream = Readable.from(body, { objectMode: false })
  stream.once('error', () => breakOff(reply.raw))
  whenClosed(reply.raw, () => stream.destroy())
  return stream
}

/** Called with a request that did not come to a handler of ours. */
type OnPassed = (request: FastifyRequest) => void

/** Takes the body before other hooks compress it, and says in the reply what became of the request. */
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

/** A request that was answered before it came to a handler, or that no route has. */
function passed(core: HttpStampede, request: FastifyRequest, reply: FastifyReply, onPassed: OnPassed): Taken {
  onPassed(request)
  const decision = core.bypass(requestView(request, reply))
  const taken = { decision, before: NO_HEADERS, restore: NOTHING, isTold: false }
  request[TURN] = taken
  if (decision.kind === 'bypass') watchHead(reply, decision)
  return taken
}

/** Shows the leader's answer to its lease, and gives what is to be sent in its place. */
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

/** Stands last of all hooks: the head is final. */
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
  // No head is written to a client that has gone, be it while the first byte of a stream is awaited.
  whenClosed(reply.raw, () => lease.fulfill(headersOf(reply)))
}

/** These hooks run again for what an error makes of the reply: that is none of what is stored, nor as old. */
function dropReplayed(reply: FastifyReply, { outcome }: ReplayDecision): void {
  const { sendDate } = reply.raw
  for (const name of ['age', 'date', ...outcome.headers.map(header => header.name)]) reply.removeHeader(name)
  // Node takes the removal of a date for the wish to have none.
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

/** Fastify gives a Buffer a type of its own where it has none; a stored response without one has none. */
function dropAddedType(reply: FastifyReply): void {
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
