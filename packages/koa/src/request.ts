import { both, type MessageRefresh, messageView, type RequestView, type Stripped } from '@stampede/core/http'
import type { Context } from 'koa'
import { readBody } from './request-body.ts'

/** The view of a request: by `originalUrl`, since koa-mount and middleware that rewrites change `url`. */
export function requestView(ctx: Context, refresh: MessageRefresh): RequestView {
  // Not through the context, which delegates at a cost.
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

/** What koa-mount and @koa/router leave on a context, and what controls the latter. */
interface Routed {
  readonly originalUrl: string
  readonly mountPath?: string
  readonly newRouterPath?: unknown
  readonly routerPath?: unknown
  readonly _matchedRoute?: unknown
}

/** The path that a router must match counts in place of that of the URL, which the handler still sees. */
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
 * Whether a URL may have been rewritten invisibly: a mount within another one, or below a framework that shows no
 * prefix, hides what was stripped before.
 */
export function mayHide(ctx: Context, { routed }: RequestView): boolean {
  if (routed === undefined) return false
  const { originalUrl, baseUrl } = ctx.req as Stripped
  return (ctx as Routed).mountPath !== undefined || (originalUrl !== undefined && baseUrl === undefined)
}

/** Node takes a small copy from its pool, at half the cost. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes)
}
