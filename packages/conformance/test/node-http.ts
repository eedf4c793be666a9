import { AsyncResource } from 'node:async_hooks'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex, pipeline, Readable } from 'node:stream'
import {
  type Answered,
  applied,
  type Body,
  type ErrorHead,
  type HeaderLines,
  headerLines,
  type HttpControls,
  type HttpOptions,
  HttpStampede,
  type LeadDecision,
  type MessageRefresh,
  messageRefresh,
  messageView,
  outcomeOfError,
  type ReplayedHeader,
  type ReplayDecision,
  ResponseHandle,
  showHeaders,
  type TappedBody,
  type Decision,
  whenClosed,
  whenFinished,
  whenHeadWritten,
} from '@stampede/core/http'
import { Upload } from './node-http-upload.ts'

/** What a handler gets. */
export interface Asked {
  readonly request: IncomingMessage
  readonly body: AsyncIterable<Uint8Array>
  /** What the handler may say of its own answer. */
  readonly handle: ResponseHandle
}

/** What it answers. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | Readable
}

export type Handler = (asked: Asked) => Answer | Promise<Answer>
export type Listener = (request: IncomingMessage, reply: ServerResponse) => void

/** A listener for `http.createServer`. `dispatch` is that of the whole app, for requests of Stampede's own. */
export function stampede(options: HttpOptions, handler: Handler, dispatch?: Listener): Listener & HttpControls {
  const core = new HttpStampede(options)
  const refresh = dispatch && refreshThrough(dispatch)
  const answer = async (request: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const { method = '', url: target = '' } = request
    const upload = new Upload(request)
    const handle = new ResponseHandle()
    const view = messageView({ method, target, refresh, readBody: max => upload.take(max) }, request, reply)
    const decision = await core.open(view, undefined, handle)
    whenFinished(reply, () => void upload.drain().catch(() => {}))
    whenHeadWritten(reply, toTell(decision))
    if (decision.kind === 'replay') return replay(reply, decision)
    const run = async (): Promise<Answer> => handler({ request, body: upload, handle })
    if (decision.kind === 'lead') return lead(reply, decision, run)
    const { body } = put(reply, await run())
    apply(reply, decision.outcome.headers)
    send(reply, body)
  }
  const listener: Listener = (request, reply) =>
    void answer(request, reply).catch((error: unknown) => sendError(reply, error))
  return Object.assign(listener, core.controls)
}

/** Who is to know the final head, to which middleware in front may add. */
function toTell(decision: Decision): Answered | undefined {
  if (decision.kind === 'lead') return headers => decision.lease.fulfill(headers)
  return decision.kind === 'bypass' ? decision.answered : undefined
}

/** In nobody's asynchronous context: what a request keeps there is not for one that speaks for all. */
function refreshThrough(dispatch: Listener): MessageRefresh {
  const scope = new AsyncResource('stampede.refresh')
  const classes = { IncomingMessage, ServerResponse, Duplex }
  return messageRefresh<IncomingMessage, ServerResponse>(classes, (request, reply) =>
    scope.runInAsyncScope(dispatch, undefined, request, reply),
  )
}

async function lead(
  reply: ServerResponse,
  { lease, outcome }: LeadDecision,
  run: () => Promise<Answer>,
): Promise<void> {
  const before = headersOf(reply)
  const restore = showHeaders(reply.req, lease.handlerHeaders)
  try {
    const { body } = put(reply, await run().finally(restore))
    const head = { status: reply.statusCode, headers: headersOf(reply), before }
    const sent = lease.snapshot({ ...head, body: bodyOf(reply, body) })
    // Where the client has gone, no head is ever written.
    whenClosed(reply, () => lease.fulfill(headersOf(reply)))
    if (sent !== undefined && 'kind' in sent) return replay(reply, sent)
    apply(reply, outcome.headers)
    send(reply, sent ?? body)
  } catch (error) {
    const sent = lease.fail(error, headOf(error))
    if (sent === undefined) {
      apply(reply, outcome.headers)
      throw error
    }
    replay(reply, sent)
  }
}

/** The handler's answer, as a lease takes it. The one to a HEAD has no body: of a stream, nothing is read. */
function bodyOf({ req }: ServerResponse, body: Answer['body'] = ''): Body {
  if (!(body instanceof Readable)) return body
  return req.method === 'HEAD' ? null : { chunks: body, cancel: () => body.destroy() }
}

function replay(reply: ServerResponse, { response, outcome }: ReplayDecision): void {
  const { status, headers, body, byteLength } = response
  reply.statusCode = status
  apply(reply, headers)
  apply(reply, outcome.headers)
  if (body !== null && byteLength !== undefined) reply.setHeader('content-length', byteLength)
  send(reply, body)
}

function put(reply: ServerResponse, answer: Answer): Answer {
  reply.statusCode = answer.status ?? 200
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.setHeader(name, value)
  return answer
}

function apply(reply: ServerResponse, headers: readonly ReplayedHeader[]): void {
  for (const header of headers) {
    if (header.value.length === 0 && typeof header.value === 'object') reply.removeHeader(header.name)
    else reply.setHeader(header.name, applied(reply.getHeader(header.name), header))
  }
}

/** A body that breaks off breaks the reply off; a reply that ends early ends the reading of its body. */
function send(reply: ServerResponse, body: Answer['body'] | TappedBody | null): void {
  const isStream = typeof body === 'object' && body !== null && !(body instanceof Uint8Array)
  // Without a body Node writes a head also where the client has gone: whoever waits for that head is told of it.
  if (!isStream) return void (reply.destroyed ? reply.end() : reply.end(body))
  const stream = body instanceof Readable ? body : Readable.from(body, { objectMode: false })
  if (reply.req.method !== 'HEAD' && !reply.destroyed) return void pipeline(stream, reply, () => {})
  stream.destroy()
  reply.end()
}

function sendError(reply: ServerResponse, error: unknown): void {
  if (reply.headersSent) return void reply.destroy()
  const { status, headers } = headOf(error)
  // A failure of another request, or one that is kept, comes with what became of this one.
  apply(reply, outcomeOfError(error)?.headers ?? [])
  for (const [name, lines] of headers) reply.setHeader(name, lines)
  reply.writeHead(status).end(status < 500 && error instanceof Error ? error.message : '')
}

/** The head of the answer that `sendError` makes of it. */
function headOf(error: unknown): ErrorHead {
  const { status, headers } = Object(error) as { readonly status?: number; readonly headers?: Record<string, string> }
  return { status: status ?? 500, headers: headerLines(Object.entries(headers ?? {})) }
}

function headersOf(reply: ServerResponse): HeaderLines {
  return headerLines(Object.entries(reply.getHeaders()))
}
