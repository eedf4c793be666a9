import { type MessageRefresh, messageView, type RequestView } from '@stampede/core/http'
import type { Context } from 'koa'
import { readBody } from './request-body.ts'

/** The request as it came: `originalUrl`, since koa-mount and routers rewrite `url`. */
export function requestView(ctx: Context, refresh: MessageRefresh): RequestView {
  // Not through the context, which passes on what it is asked for.
  const { method = '' } = ctx.req
  const { originalUrl: target } = ctx
  const access = { method, target, refresh, ownBytes, readBody: (maxBytes: number) => readBody(ctx, maxBytes) }
  return messageView(access, ctx.req, ctx.res)
}

/** A small copy comes out of Node's pool, at half the cost. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes)
}
