import {
  hasTrailers,
  type MessageAccess,
  type MessageRefresh,
  messageView,
  type RequestBody,
  type RequestView,
} from '@stampede/core/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isUnseen, sharedBuffer } from './shared-bytes.ts'

/** What Fastify alone knows of a request: one object for each, and no functions of its own. */
class Access implements MessageAccess {
  readonly method: string
  readonly target: string
  readonly refresh: MessageRefresh | undefined
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply

  constructor(request: FastifyRequest, reply: FastifyReply, refresh: MessageRefresh | undefined) {
    this.method = request.method
    // As it came: `rewriteUrl` changes `url`.
    this.target = request.originalUrl
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
  if (rawBody instanceof Uint8Array) return rawBody
  return body instanceof Uint8Array ? body : { parsed: [body, rawBody] }
}
