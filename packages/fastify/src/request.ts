import { type MessageRefresh, messageView, type RequestView } from '@stampede/core/http'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** The request as it came: `originalUrl`, since `rewriteUrl` changes `url`. */
export function requestView(request: FastifyRequest, reply: FastifyReply, refresh: MessageRefresh): RequestView {
  return messageView([request.method, request.originalUrl], request.raw, reply.raw, refresh)
}
