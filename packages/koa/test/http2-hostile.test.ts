import { createServer } from 'node:http2'
import { http2Suite } from '@stampede/conformance'
import Koa from 'koa'
import { stampede } from '../src/index.ts'
import { handlerOf } from './mount.ts'

http2Suite(async (options, handler) => {
  const cached = stampede(options)
  const app = new Koa()
  app.silent = true
  app.use(cached).use(handlerOf(handler))
  const handle = app.callback()
  return { server: createServer((request, response) => void handle(request, response)), stats: cached.stats }
})
