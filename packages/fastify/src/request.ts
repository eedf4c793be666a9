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

/** What only Fastify knows of a request: one object per request, without functions of its own. */
class Access implements MessageAccess {
  readonly method: string
  readonly target: string
  /** The URL after `rewriteUrl` and hooks, as the handler sees it. */
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
    // Node takes a small copy from its pool, at half the cost.
    return isUnseen(this.#request, this.#reply) ? sharedBuffer(bytes) : Buffer.from(bytes)
  }

  readBody(): Promise<RequestBody | null> {
    return Promise.resolve(bodyOf(this.#request))
  }
}

/** The view of a request. */
export function requestView(request: FastifyRequest, reply: FastifyReply, refresh?: MessageRefresh): RequestView {
  return messageView(new Access(request, reply, refresh), request.raw, reply.raw)
}

/**
 * The result of the content type parsers; null if they left something unread, or stored it elsewhere. Fastify limits
 * it by `bodyLimit`.
 */
function bodyOf(request: FastifyRequest): RequestBody | null {
  // As fastify-raw-body stores it.
  const { body, rawBody } = request as { readonly body: unknown; readonly rawBody?: unknown }
  const isSeen = request.raw.readableEnded && body !== undefined && body !== null
  const isMultipart = /^\s*multipart\//i.test(request.headers['content-type'] ?? '')
  // The files of a form are stored where no key sees them.
  if (!isSeen || isMultipart || hasTrailers(request.raw)) return null
  // A hook may have changed the parsed value: the handler sees both.
  const raw = rawBody instanceof Uint8Array ? Buffer.from(rawBody).toString('base64') : rawBody
  return body instanceof Uint8Array ? body : { parsed: [body, raw] }
}

/** Fastify lets a hook set `request.headers`: the handler sees those, in any case, and not the sent ones. */
function replacedHeaders(request: FastifyRequest): MessageAccess['headers'] {
  const { headers } = request
  if (headers === request.raw.headers) return undefined
  const lines = headerLines(Object.entries(headers))
  return Object.fromEntries([...lines].map(([name, values]) => [name, values.join(', ')]))
}

/** Replaces request headers for the handler. Returns the function that restores them. */
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
