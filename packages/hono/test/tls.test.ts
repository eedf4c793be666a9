import { createServer, type Server } from 'node:https'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { tlsSuite } from '@stampede/conformance'
import { Hono } from 'hono'
import { stampede } from '../src/index.ts'

tlsSuite(async (serverOptions, options, handler) => {
  const app = new Hono<{ Bindings: HttpBindings }>()
  const cached = stampede({ ...options, refresh: app })
  app.use(cached)
  app.get('/', c => c.text(handler(c.env.incoming.socket)))
  const server = createAdaptorServer({ fetch: app.fetch, createServer, serverOptions }) as Server
  return { server, stats: cached.stats }
})
