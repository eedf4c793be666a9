import {
  type HeaderLines,
  headerLines,
  type OriginResponse,
  type Outcome,
  controlHeaders,
  type ReplayedHeader,
  type ReplayedResponse,
  type TappedBody,
  webBody,
  whenClosed,
} from '@stampede/core/http'
import type { Context } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import type { FinalHead } from './final-head.ts'
import { stayAwake, whenEnded } from './keep-alive.ts'
import { outgoingOf } from './request.ts'
import { isNothingSet, recordOf } from './prepared.ts'
import { nodeParts } from './runtime.ts'

/**
 * The headers that were set on the context so far. Touching `c.res` here would let them override the handler's; a
 * throw-away response shows them without an effect.
 */
export function headersSoFar(c: Context): HeaderLines {
  return headerLines(c.newResponse(null).headers)
}

/** The handler writes to the raw reply, without Hono. */
export function isHijacked(c: Context): boolean {
  return nodeParts(c)?.outgoing.headersSent === true || c.res.headers.has('x-hono-already-sent')
}

/** The handler's answer on the context; `onEnd` is called when its body, if it is read, has ended. */
export function answerOf(c: Context, onEnd: () => void): Omit<OriginResponse, 'before'> {
  // The body first: the Node server's Response knows the implied type only from then on.
  const { body } = c.res
  const { status, headers } = c.res
  // Hono drops the body of an answer to a HEAD without reading it.
  const isRead = c.req.method !== 'HEAD' && body !== null
  return { status, headers: headerLines(headers), body: isRead ? whenEnded(webBody(body), onEnd) : null }
}

/** Sends the leader its own reader of the body. */
export function sendTapped(c: Context, body: TappedBody, head?: FinalHead): void {
  c.res = new Response(readable(c, body, head), c.res)
}

/** Replaces the current answer, whose body may be unusable. */
export function sendInstead(c: Context, { status, headers: replayed, body, byteLength }: ReplayedResponse): void {
  const headers = new Headers(c.res.headers)
  for (const { name, value, append } of replayed) {
    if (!append) headers.delete(name)
    for (const line of linesOf(value)) headers.append(name, line)
  }
  if (body !== null && byteLength !== undefined) headers.set('content-length', String(byteLength))
  // Hono lets the headers of the current answer override those of the next.
  c.res = undefined
  c.res = new Response(bodyFor(c, body), { status, headers })
}

/** Replaces request headers for the handler. Returns the function that restores them. */
export function showHeaders(c: Context, shown: ReadonlyMap<string, string | undefined>): () => void {
  if (shown.size === 0) return () => {}
  const sent = c.req.raw
  const headers = new Headers(sent.headers)
  for (const [name, value] of shown) {
    if (value === undefined) headers.delete(name)
    else headers.set(name, value)
  }
  c.req.raw = new Request(sent, { headers })
  return () => {
    c.req.raw = sent
  }
}

/** Applies headers to the current answer. */
export function applyHeaders(c: Context, headers: readonly ReplayedHeader[]): void {
  for (const { name, value, append } of headers) {
    if (value.length === 0 && typeof value === 'object') c.header(name, undefined)
    for (const [index, line] of linesOf(value).entries()) c.header(name, line, { append: append || index > 0 })
  }
}

/** Removes control headers from the current answer. */
export function dropOwnFields(c: Context): void {
  for (const name of controlHeaders) if (c.res.headers.has(name)) c.header(name, undefined)
}

/** Answers through Hono's reply path, so that middleware in front still runs. */
export function replay(c: Context, response: ReplayedResponse, outcome: Outcome): Response {
  const whole = c.req.method !== 'HEAD' && isNothingSet(c) ? plain(response, outcome) : undefined
  if (whole !== undefined) return whole
  for (const name of controlHeaders) c.header(name, undefined)
  applyHeaders(c, response.headers)
  applyHeaders(c, outcome.headers)
  const { body, byteLength } = response
  // Hono adds no length, and for a HEAD it is all that describes the body.
  if (body !== null && byteLength !== undefined) c.header('content-length', String(byteLength))
  return c.newResponse(bodyFor(c, body), response.status as StatusCode)
}

function bodyFor(
  c: Context,
  body: ReplayedResponse['body'],
): Uint8Array<ArrayBuffer> | string | ReadableStream<Uint8Array> | null {
  if (body === null || typeof body === 'string') return body
  return body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : readable(c, body)
}

/**
 * In one step, with a plain object of headers, which the Node server sends fastest. `undefined` if that is impossible.
 */
function plain({ status, headers, body }: ReplayedResponse, outcome: Outcome): Response | undefined {
  if (!(body instanceof Uint8Array) && typeof body !== 'string') return undefined
  const record = recordOf(headers, outcome.headers)
  // A copy for each: servers add to the object, which takes V8 two microseconds if a spread made it.
  return (
    record && new Response(body as Uint8Array<ArrayBuffer> | string, { status, headers: Object.assign({}, record) })
  )
}

function linesOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

/**
 * A web stream that is read at its reader's pace. Closing the reply closes the reader, also if middleware in front
 * sends something else.
 */
function readable(c: Context, body: TappedBody, head?: FinalHead): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]()
  const close = (): void => void iterator.return?.()
  whenGone(c, close)
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        head?.fulfill()
        const sleep = stayAwake(c)
        try {
          const step = await iterator.next()
          if (step.done === true) controller.close()
          else controller.enqueue(step.value)
        } finally {
          sleep()
        }
      },
      cancel() {
        head?.fulfillAfterTurn()
        close()
      },
    },
    { highWaterMark: 0 },
  )
}

/** Calls back when the answer is no longer read, as far as known. */
function whenGone(c: Context, callback: () => void): void {
  const outgoing = outgoingOf(c)
  if (outgoing !== undefined) return whenClosed(outgoing, callback)
  const { signal } = c.req.raw
  if (signal.aborted) callback()
  else signal.addEventListener('abort', callback)
}
