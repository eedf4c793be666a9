import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import {
  clientOf,
  listening,
  type Mount,
  type OriginHandler,
  type OriginRequest,
  StreamedBody,
} from '@stampede/conformance'
import Koa, { type Context } from 'koa'
import { stampede } from '../src/index.ts'

/** The conformance mount of Koa: middleware in front, the handler at every path. */
export const mount: Mount = async (options, handler, inFront) => {
  const app = new Koa()
  app.silent = true
  const middleware = stampede(options)
  app.use(async (ctx, next) => {
    ctx.set({ ...inFront?.before?.(seen(ctx)) })
    if (inFront?.rewrite !== undefined) ctx.url = inFront.rewrite(seen(ctx))
    await next()
    ctx.set({ ...inFront?.after?.(seen(ctx)) })
  })
  app.use(middleware)
  app.use(handlerOf(handler))
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listening(server)
  const client = clientOf(server)
  const { stats, invalidate, invalidateTags, clear } = middleware
  return {
    ...client,
    stats,
    invalidate,
    invalidateTags,
    clear,
    leave: middleware.close,
    close: async () => {
      await client.close()
      await middleware.close()
    },
  }
}

/** A case's handler as middleware of Koa. */
export function handlerOf(handler: OriginHandler): (ctx: Context) => Promise<void> {
  return async ctx => {
    const { status = 200, headers = {}, body } = await handler(seen(ctx))
    ctx.status = status
    if (body !== undefined)
      ctx.body = body instanceof StreamedBody ? Readable.from(body.chunks, { objectMode: false }) : body
    ctx.set({ ...headers })
  }
}

function seen(ctx: Context): OriginRequest {
  return {
    method: ctx.method,
    target: ctx.originalUrl,
    routed: ctx.url,
    url: ctx.href,
    header: name => ctx.headers[name]?.toString(),
    body: () => buffer(ctx.req),
    handle: ctx.stampede,
  }
}
