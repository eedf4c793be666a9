import { createServer } from 'node:http'
import { stampede } from '@stampede/koa'
import Koa, { type Middleware } from 'koa'
import cash, { type Cashed } from 'koa-cash'
import { FIELDS, type Front, type Start, TTL } from '../served.ts'
import { listening } from './listening.ts'

export const startKoa: Start = async ({ front }, { body, pause }) => {
  const app = new Koa()
  for (const middleware of inFront(front)) app.use(middleware)
  if (pause === undefined) {
    app.use(ctx => {
      if (front === 'fields') for (const [name, value] of Object.entries(FIELDS)) ctx.res.setHeader(name, value)
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

const idle: Middleware = (_, next) => next()

function inFront(front: Front): Middleware[] {
  if (front === 'stampede') return [stampede({ ttl: TTL })]
  if (front === 'beside') return [idle, stampede({ ttl: TTL })]
  if (front === 'bare' || front === 'fields') return []
  if (front === 'idle') return [idle]
  const kept = new Map<string, unknown>()
  return [
    cash({ maxAge: TTL, get: async key => kept.get(key), set: async (key, value) => void kept.set(key, value) }),
    async (ctx, next) => {
      if (!(await (ctx as Cashed & typeof ctx).cashed())) await next()
    },
  ]
}
