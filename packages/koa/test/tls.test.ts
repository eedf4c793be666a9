import { createServer } from 'node:https'
import { tlsSuite } from '@stampede/conformance'
import Koa from 'koa'
import { stampede } from '../src/index.ts'

tlsSuite(async (tls, options, handler) => {
  const cached = stampede(options)
  const app = new Koa().use(cached).use(ctx => {
    ctx.body = handler(ctx.socket)
  })
  const handle = app.callback()
  return { server: createServer(tls, (request, response) => void handle(request, response)), stats: cached.stats }
})
