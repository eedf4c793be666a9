import { type MessageRefresh, messageView, type RequestView } from '@stampede/core/http'
import type { Context } from 'koa'
import { readBody } from './request-body.ts'

/** The request as it came: `originalUrl`, since koa-mount and routers rewrite `url`. */
export function requestView(ctx: Context, refresh: MessageRefresh): RequestView {
  const { method, originalUrl: target } = ctx
  return messageView({ method, target, refresh, readBody: maxBytes => readBody(ctx, maxBytes) }, ctx.req, ctx.res)
}
