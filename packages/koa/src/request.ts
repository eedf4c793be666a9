import { messageView, type RequestView } from '@stampede/core/http'
import type { Context } from 'koa'
import { readBody } from './request-body.ts'

/** The request as it came: `originalUrl`, since koa-mount and routers rewrite `url`. */
export function requestView(ctx: Context): RequestView {
  const view = messageView(ctx.method, ctx.originalUrl, ctx.req, ctx.res)
  return { ...view, readBody: maxBytes => readBody(ctx, maxBytes) }
}
