import {
  hasTrailers,
  headerLines,
  type Lease,
  type MessageAccess,
  type MessageRefresh,
  messageView,
  type RequestBody,
  type RequestView,
  showHeaders,
} from '@stampede/core/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isUnseen, sharedBuffer } from './shared-bytes.ts'

/** What Fastify alone knows of a request: one object for each, and no functions of its own. */
class Access implements MessageAccess {
  readonly method: string
  readonly target: string
  /** As `rewriteUrl` left it, and any hook since: the handler sees that. */
  readonly url: string | undefined
  readonly headers: MessageAccess['headers']
  readonly refresh: MessageRefresh | undefined
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply

  constructor(request: FastifyRequest, reply: FastifyReply, refresh: MessageRefresh | undefined) {
    this.method = request.method
    this.url = request.raw.url
    this.target = request.originalUrl
    this.headers = replacedHeaders(request)
    this.refresh = refresh
    this.#request = request
    this.#reply = reply
  }

  ownBytes(bytes: Uint8Array): Uint8Array {
    // A small copy comes out of Node's pool, at half the cost.
    return isUnseen(this.#request, this.#reply) ? sharedBuffer(bytes) : Buffer.from(bytes)
  }

  readBody(): Promise<RequestBody | null> {
    return Promise.resolve(bodyOf(this.#request))
  }
}

/** The request as it came. */
export function requestView(request: FastifyRequest, reply: FastifyReply, refresh?: MessageRefresh): RequestView {
  return messageView(new Access(request, reply, refresh), request.raw, reply.raw)
}

/**
 * What the content type parsers have made of the body; null where they left something unread, or put it somewhere else.
 * Fastify bounds it by `bodyLimit`.
 */
function bodyOf(request: FastifyRequest): RequestBody | null {
  // As fastify-raw-body leaves it.
  const { body, rawBody } = request as { readonly body: unknown; readonly rawBody?: unknown }
  const isSeen = request.raw.readableEnded && body !== undefined && body !== null
  const isMultipart = /^\s*multipart\//i.test(request.headers['content-type'] ?? '')
  // Files of a form are kept where no key sees them.
  if (!isSeen || isMultipart || hasTrailers(request.raw)) return null
  // A hook may have changed what was made of the bytes: a handler sees both.
  const raw = rawBody instanceof Uint8Array ? Buffer.from(rawBody).toString('base64') : rawBody
  return body instanceof Uint8Array ? body : { parsed: [body, raw] }
}

/** Fastify lets a hook set `request.headers`: a handler sees those, in whatever case, and not what was sent. */
function replacedHeaders(request: FastifyRequest): MessageAccess['headers'] {
  const { headers } = request
  if (headers === request.raw.headers) return undefined
  const lines = headerLines(Object.entries(headers))
  return Object.fromEntries([...lines].map(([name, values]) => [name, values.join(', ')]))
}

/** Shows a handler other headers than it would see. Returns what puts them back. */
export function showTo(request: FastifyRequest, shown: Lease['handlerHeaders']): () => void {
  const restore = showHeaders(request.raw, shown)
  const { headers } = request
  if (shown.size === 0 || headers === request.raw.headers) return restore
  const others = Object.entries(headers).filter(([name]) => !shown.has(name.toLowerCase()))
  request.headers = Object.fromEntries([...others, ...[...shown].filter(([, value]) => value !== undefined)])
  return () => {
    restore()
    request.headers = headers
  }
}
