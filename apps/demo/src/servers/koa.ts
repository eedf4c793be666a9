import { createServer } from 'node:http'
import { stampede } from '@stampede/koa'
import Koa from 'koa'
import { listen } from '../listen.ts'
import type { Start } from './start.ts'

export const startKoa: Start = async ({ origin, stampede: options, port }) => {
  const app = new Koa()
  const collapse = stampede(options)
  // Not the option `match`: it would still run in front of the bare route.
  app.use(async (ctx, next) => {
    await (ctx.path === '/report' ? collapse(ctx, next) : next())
  })
  app.use(async ctx => {
    if (ctx.path !== '/report' && ctx.path !== '/bare') return
    ctx.body = await origin.fetch(String(ctx.query['nonce'] ?? ''))
  })
  const handle = app.callback()
  return listen(
    createServer((request, response) => void handle(request, response)),
    port,
  )
}
