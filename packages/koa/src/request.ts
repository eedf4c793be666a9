import { type MessageRefresh, messageView, type RequestView } from '@stampede/core/http'
import type { Context } from 'koa'

/** The request as it came: `originalUrl`, since koa-mount and routers rewrite `url`. */
export function requestView(ctx: Context, refresh: MessageRefresh): RequestView {
  return messageView([ctx.method, ctx.originalUrl], ctx.req, ctx.res, refresh)
}
