import { createServer } from 'node:http'
import { stampede } from '@stampede/koa'
import Koa, { type Middleware } from 'koa'
import cash, { type Cashed } from 'koa-cash'
import { type Front, type Start, TTL } from '../served.ts'
import { listening } from './listening.ts'

export const startKoa: Start = async ({ front }, { body, pause }) => {
  const app = new Koa()
  for (const middleware of inFront(front)) app.use(middleware)
  if (pause === undefined) {
    app.use(ctx => {
      ctx.body = body
    })
  } else {
    app.use(async ctx => {
      await pause()
      ctx.body = body
    })
  }
  const handle = app.callback()
  return listening(createServer((request, response) => void handle(request, response)))
}

function inFront(front: Front): Middleware[] {
  if (front === 'stampede') return [stampede({ ttl: TTL })]
  if (front === 'bare') return []
  if (front === 'idle') return [(_, next) => next()]
  const kept = new Map<string, unknown>()
  return [
    cash({ maxAge: TTL, get: async key => kept.get(key), set: async (key, value) => void kept.set(key, value) }),
    async (ctx, next) => {
      if (!(await (ctx as Cashed & typeof ctx).cashed())) await next()
    },
  ]
}
