import { hasTrailers, type MessageRefresh, messageView, type RequestBody, type RequestView } from '@stampede/core/http'
import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'
import { isUnseen } from './shared-bytes.ts'

/** The request as it came: `originalUrl`, since `rewriteUrl` changes `url`. */
export function requestView(
  request: FastifyRequest,
  reply: FastifyReply,
  refresh?: MessageRefresh,
  onSend: readonly onSendHookHandler[] = [],
): RequestView {
  const { method, originalUrl: target } = request
  // A small copy comes out of Node's pool, at half the cost.
  const ownBytes = (bytes: Uint8Array): Uint8Array => (isUnseen(request, reply, onSend) ? bytes : Buffer.from(bytes))
  const access = { method, target, refresh, ownBytes, readBody: async () => bodyOf(request) }
  return messageView(access, request.raw, reply.raw)
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
