import { Readable } from 'node:stream'
import { clientOf, type Mount, type OriginRequest, StreamedBody } from '@stampede/conformance'
import fastify, { type FastifyRequest } from 'fastify'
import { stampedePlugin } from '../src/index.ts'

/** The conformance mount of Fastify: an early hook in front, the handler at a wildcard route, a late hook behind. */
export const mount: Mount = async (options, handler, inFront) => {
  const app = fastify({ exposeHeadRoutes: false })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(inFront?.before?.(seen(request)) ?? {})
  })
  await app.register(stampedePlugin, options)
  app.addHook('onSend', async (request, reply) => {
    reply.headers(inFront?.after?.(seen(request)) ?? {})
  })
  app.route({
    method: ['GET', 'HEAD', 'POST', 'DELETE'],
    url: '/*',
    handler: async (request, reply) => {
      const { status = 200, headers = {}, body } = await handler(seen(request))
      reply.code(status).headers(headers)
      return reply.send(body instanceof StreamedBody ? Readable.from(body.chunks, { objectMode: false }) : body)
    },
  })
  await app.listen({ port: 0, host: '127.0.0.1', backlog: 2048 })
  const client = clientOf(app.server)
  return {
    ...client,
    stats: () => app.stampede.stats(),
    clear: () => app.stampede.clear(),
    close: async () => {
      await client.close()
      await app.close()
    },
  }
}

function seen(request: FastifyRequest): OriginRequest {
  return {
    method: request.method,
    target: request.originalUrl,
    url: `${request.protocol}://${request.host}${request.url}`,
    header: name => request.headers[name]?.toString(),
  }
}
