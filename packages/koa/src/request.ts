import { both, type MessageRefresh, messageView, type RequestView, type Stripped } from '@stampede/core/http'
import type { Context } from 'koa'
import { readBody } from './request-body.ts'

/** The request as it came: `originalUrl`, since koa-mount and middleware that rewrites change `url`. */
export function requestView(ctx: Context, refresh: MessageRefresh): RequestView {
  // Not through the context, which passes on what it is asked for.
  const { method = '' } = ctx.req
  const { originalUrl: target, mountPath }: Routed = ctx
  const url = urlOf(ctx, target)
  const access = {
    method,
    target,
    url,
    mountPath,
    refresh,
    ownBytes,
    readBody: (maxBytes: number) => readBody(ctx, maxBytes),
  }
  return messageView(access, ctx.req, ctx.res)
}

/** What koa-mount, @koa/router, and what is to steer that one, leave on a context. */
interface Routed {
  readonly originalUrl: string
  readonly mountPath?: string
  readonly newRouterPath?: unknown
  readonly routerPath?: unknown
  readonly _matchedRoute?: unknown
}

/** The path that a router is told to match counts in place of that of the URL, which a handler sees all the same. */
function urlOf(ctx: Context, target: string): string {
  const { url = target } = ctx.req
  const { newRouterPath, routerPath, _matchedRoute }: Routed = ctx
  // A router that has matched leaves its own pattern there.
  const path = newRouterPath ?? (_matchedRoute === undefined ? routerPath : undefined)
  if (typeof path !== 'string' || path === '') return url
  const query = url.indexOf('?')
  const isRewritten = url !== target
  if (isRewritten || path.includes('?')) return both(path, url)
  return query === -1 ? path : path + url.slice(query)
}

/**
 * Whether a URL may have been rewritten where nothing shows it: a mount within another one, or below a framework that shows no
 * prefix, hides what was stripped before.
 */
export function mayHide(ctx: Context, { routed }: RequestView): boolean {
  if (routed === undefined) return false
  const { originalUrl, baseUrl } = ctx.req as Stripped
  return (ctx as Routed).mountPath !== undefined || (originalUrl !== undefined && baseUrl === undefined)
}

/** A small copy comes out of Node's pool, at half the cost. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes)
}
