import { tlsSuite } from '@stampede/conformance'
import fastify from 'fastify'
import { stampedePlugin } from '../src/index.ts'

tlsSuite(async (https, options, handler) => {
  const app = fastify({ https })
  await app.register(stampedePlugin, options)
  app.get('/', async request => handler(request.raw.socket))
  await app.ready()
  return { server: app.server, stats: () => app.stampede.stats() }
})
