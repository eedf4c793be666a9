import { Readable } from 'node:stream'
import {
  clientOf,
  type InFront,
  type Mount,
  type OriginHandler,
  type OriginRequest,
  StreamedBody,
} from '@stampede/conformance'
import fastify, { type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import { stampedePlugin } from '../src/index.ts'

/** The conformance mount of Fastify: an early hook in front, the handler at a wildcard route, a late hook behind. */
export const mount: Mount = async (options, handler, inFront) => {
  const app = fastify({ exposeHeadRoutes: false, bodyLimit: 2 ** 22, ...rewriting(inFront) })
  for (const method of ['REPORT', 'SEARCH']) app.addHttpMethod(method, { hasBody: true })
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(inFront?.before?.(seen(request, reply)) ?? {})
  })
  await app.register(stampedePlugin, options)
  app.addHook('onSend', async (request, reply) => {
    reply.headers(inFront?.after?.(seen(request, reply)) ?? {})
  })
  app.route({
    method: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'REPORT', 'SEARCH'],
    url: '/*',
    handler: handlerOf(handler),
  })
  await app.listen({ port: 0, host: '127.0.0.1', backlog: 2048 })
  const client = clientOf(app.server)
  return {
    ...client,
    ...app.stampede,
    leave: app.stampede.close,
    close: async () => {
      await client.close()
      await app.close()
    },
  }
}

function rewriting(inFront: InFront | undefined): FastifyServerOptions {
  if (inFront?.rewrite === undefined) return {}
  const { rewrite } = inFront
  return {
    rewriteUrl: ({ url: target = '', headers }) => rewrite({ target, header: name => headers[name]?.toString() }),
  }
}

/** A case's handler as one of Fastify's. */
export function handlerOf(
  handler: OriginHandler,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (request, reply) => {
    const { status = 200, headers = {}, body } = await handler(seen(request, reply))
    reply.code(status).headers(headers)
    return reply.send(body instanceof StreamedBody ? Readable.from(body.chunks, { objectMode: false }) : body)
  }
}

function seen(request: FastifyRequest, reply: FastifyReply): OriginRequest {
  return {
    method: request.method,
    target: request.originalUrl,
    routed: request.url,
    url: `${request.protocol}://${request.host}${request.url}`,
    header: name => request.headers[name]?.toString(),
    body: async () => bytesOf(request.body),
    handle: reply.stampede,
  }
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  return body === undefined ? Buffer.alloc(0) : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}
