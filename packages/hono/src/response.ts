import {
  type HeaderLines,
  headerLines,
  type OriginResponse,
  type Outcome,
  ownFields,
  type ReplayedHeader,
  type ReplayedResponse,
  type TappedBody,
  webBody,
} from '@stampede/core/http'
import type { Context } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import { whenEnded } from './keep-alive.ts'
import { nodeParts } from './request.ts'

/**
 * The headers that were set on the context so far. To touch `c.res` here would make them win over the handler's; a
 * throw-away response shows them and changes nothing.
 */
export function headersSoFar(c: Context): HeaderLines {
  return headerLines(c.newResponse(null).headers)
}

/** The handler answers by itself, past Hono. */
export function isHijacked(c: Context): boolean {
  return nodeParts(c)?.outgoing.headersSent === true || c.res.headers.has('x-hono-already-sent')
}

/** What the handler left on the context; `onEnd` is called when its body, if it is read at all, has ended. */
export function answerOf(c: Context, onEnd: (() => void) | undefined): Omit<OriginResponse, 'before'> {
  // The body first: the Node server's Response knows the type that it implies only from then on.
  const { body } = c.res
  const { status, headers } = c.res
  // Hono drops the body of an answer to a HEAD without reading it.
  const isRead = c.req.method !== 'HEAD' && body !== null
  return { status, headers: headerLines(headers), body: isRead ? whenEnded(webBody(body), onEnd) : null }
}

/** Sends the leader its own reader of the body. */
export function sendTapped(c: Context, body: TappedBody): void {
  c.res = new Response(readable(body), c.res)
}

/** Applies headers to an answer that stands. */
export function applyHeaders(c: Context, headers: readonly ReplayedHeader[]): void {
  for (const { name, value, append } of headers) {
    if (value.length === 0 && typeof value === 'object') c.header(name, undefined)
    for (const [index, line] of linesOf(value).entries()) c.header(name, line, { append: append || index > 0 })
  }
}

/** Takes off an answer that stands what speaks to Stampede alone. */
export function dropOwnFields(c: Context): void {
  for (const name of ownFields) if (c.res.headers.has(name)) c.header(name, undefined)
}

/** Answers through Hono's own reply path, so that the middleware in front still has its say. */
export function replay(c: Context, response: ReplayedResponse, outcome: Outcome): Response {
  for (const name of ownFields) c.header(name, undefined)
  applyHeaders(c, response.headers)
  applyHeaders(c, outcome.headers)
  const { body, byteLength } = response
  // Hono adds no length, and to a HEAD it is all that is said of the body.
  if (body !== null) c.header('content-length', String(byteLength))
  return c.newResponse(body as Uint8Array<ArrayBuffer> | string | null, response.status as StatusCode)
}

function linesOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

/** A web stream that is read at its reader's pace. */
function readable(body: TappedBody): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = await iterator.next()
        if (step.done === true) controller.close()
        else controller.enqueue(step.value)
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
