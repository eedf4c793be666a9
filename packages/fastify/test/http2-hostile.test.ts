import { http2Suite } from '@stampede/conformance'
import fastify, { type RouteHandlerMethod } from 'fastify'
import { stampedePlugin } from '../src/index.ts'
import { handlerOf } from './mount.ts'

http2Suite(async (options, handler) => {
  const app = fastify({ http2: true, exposeHeadRoutes: false })
  await app.register(stampedePlugin, options)
  // Of another kind of server by its types alone.
  const handle = handlerOf(handler) as unknown as RouteHandlerMethod<typeof app.server>
  app.route({ method: ['GET', 'HEAD', 'OPTIONS', 'POST'], url: '/*', handler: handle })
  await app.ready()
  return { server: app.server, stats: app.stampede.stats }
})
