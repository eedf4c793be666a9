import { both, exactly, isWhole } from '@stampede/core/http'
import { type Context, Hono } from 'hono'
import type { NodeParts } from './runtime.ts'

/** The target of a request, as in a view. */
export interface Place {
  readonly target: string
  readonly routed: string | undefined
  /** Whether the sent target is known. Otherwise a mount may have stripped what chose the app. */
  readonly isShown: boolean
  /** Whether the URL is as sent, as far as known. */
  readonly isWhole: boolean
  /** Whether it is the server's own request, or a mount's copy of it, and no sub-request. */
  readonly isServers: boolean
}

/** What shows the target of a request. */
export interface Shown {
  /** The target in the URL that a handler sees. */
  readonly url: string
  readonly node: NodeParts | undefined
  /** Whether the request is the one that the server made. */
  readonly isOwn: boolean
  /** The option `base`. */
  readonly base: string | undefined
}

/** The target as sent, and what a mount, or the app's own `getPath`, has made of it. */
export function placeIn(c: Context, shown: Shown): Place {
  const { url, node, base } = shown
  const path = pathRouted(c, url)
  if (node === undefined) {
    const isShown = base !== undefined
    return { target: isShown ? base + url : url, routed: path, isShown, isWhole: true, isServers: true }
  }
  const { incoming } = node
  // The fast path of nearly all requests.
  if (shown.isOwn && incoming.originalUrl === undefined)
    return { target: url, routed: path, isShown: true, isWhole: true, isServers: true }
  return shown.isOwn ? placeBelow(incoming, path) : placeOfMade(incoming, shown, path)
}

/** Below another framework, such as Express. */
function placeBelow(incoming: NodeParts['incoming'], path: string | undefined): Place {
  const { sent, isProven, whole } = sentTo(incoming)
  const routed = isProven ? path : withOther(path, whole)
  return { target: sent, routed, isShown: isProven || incoming.baseUrl !== undefined, isWhole: true, isServers: true }
}

/** For a request that the app made, for a mounted app or as a sub-request. */
function placeOfMade(incoming: NodeParts['incoming'], { url, base }: Shown, path: string | undefined): Place {
  const { sent, isProven, whole } = sentTo(incoming)
  const full = (base ?? '') + url
  const isFull = isSame(sent, full)
  const state = { isShown: base !== undefined, isWhole: isSame(sent, url), isServers: isFull || sent.endsWith(url) }
  if (isProven && (isFull || isWhole(base ?? '', url, sent)))
    return { ...state, target: isFull ? full : sent, routed: path }
  // By the path under which the app knows it; all of it is in the key.
  const [target, other] = state.isServers ? [sent, full] : [url, sent]
  return { ...state, target, routed: withOther(path, isProven ? other : both(other, `${whole} ${full}`)) }
}

/** The target as sent, and the rest of it without the prefix that is known to be stripped. */
function sentTo({ url, originalUrl, baseUrl = '' }: NodeParts['incoming']): {
  readonly sent: string
  readonly isProven: boolean
  readonly whole: string
} {
  const sent = originalUrl ?? url
  return { sent, isProven: isWhole(baseUrl, url, sent), whole: baseUrl + url }
}

function withOther(path: string | undefined, other: string): string {
  return path === undefined ? other : both(path, other)
}

/** The server leaves a target as sent where possible, although its URL would be spelled otherwise, as with a `'`. */
export function isSame(sent: string, target: string): boolean {
  return sent === target || normalized(sent) === target
}

const byDefault = [new Hono().getPath, new Hono({ strict: false }).getPath]

/**
 * The result of the app's own `getPath` for a request, with its query; `undefined` if Hono found the path in the URL.
 */
function pathRouted({ req: { path, raw } }: Context, target: string): string | undefined {
  if (target.startsWith(path) && (target.length === path.length || isPathEnd(target.charCodeAt(path.length))))
    return undefined
  if (byDefault.some(getPath => getPath(raw) === path)) return undefined
  const query = target.search(/[?#]/)
  return query === -1 || /[?#]/.test(path) ? exactly(path) : path + target.slice(query)
}

const SLASH = 47
const QUESTION = 63
const HASH = 35

function isPathEnd(code: number): boolean {
  return code === QUESTION || code === HASH
}

function isAuthorityEnd(code: number): boolean {
  return code === SLASH || isPathEnd(code)
}

/**
 * scheme "://" authority, then the target. Clients must not send a fragment (RFC 9112 s3.2); if one does, it reaches
 * the handler, so it counts.
 */
export function partsOf(url: string): { readonly scheme: string; readonly host: string; readonly target: string } {
  const colon = url.indexOf('://')
  if (colon === -1) return { scheme: '', host: '', target: '' }
  const from = colon + '://'.length
  let end = from
  while (end < url.length && !isAuthorityEnd(url.charCodeAt(end))) end += 1
  return { scheme: url.slice(0, colon), host: url.slice(from, end), target: url.slice(end) }
}

/** A raw target as it is spelled in its URL. */
function normalized(target: string): string {
  try {
    const { href } = new URL(target.startsWith('/') ? `http://host${target}` : target)
    return partsOf(href).target
  } catch {
    return target
  }
}
