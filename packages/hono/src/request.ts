import { hasTrailers, messageView, type RequestView, whenFinished, type WritableReply } from '@stampede/core/http'
import type { Context } from 'hono'
import { type Refresh, send, ticketOf } from './refresh.ts'
import { drain, readBody } from './request-body.ts'
import { type NodeParts, nodeParts } from './runtime.ts'

/**
 * The request as the handler sees it. On Node what stands behind the context shows more of the connection, but is not
 * asked for the rest: a sub-request that is given `c.env` has another target, and other headers.
 */
export function requestView(c: Context, refresh: Refresh | undefined): RequestView {
  const { scheme, host, target } = placeOf(c.req.url)
  const node = nodeParts(c)
  const connection =
    node === undefined ? undefined : messageView({ method: c.req.method, target }, node.incoming, node.outgoing)
  return {
    method: c.req.method,
    scheme,
    host: hostSeen(c.req.header('host'), host, node),
    target,
    header: name => c.req.header(name),
    hasClientCertificate: () => connection?.hasClientCertificate() ?? showsCertificate(c),
    isGone: () => connection?.isGone() ?? c.req.raw.signal.aborted,
    refresh: refresh && (async (asked, ticket) => send(c, refresh, asked, ticket)),
    ticket: ticketOf(c.req.raw),
    hasBody: () => connection?.hasBody?.() === true || hasBody(c, connection !== undefined),
    readBody: async maxBytes => {
      const { raw } = c.req
      const body = await readBody(c, maxBytes)
      if (node !== undefined && body === null) whenFinished(node.outgoing, () => drain(raw))
      return node !== undefined && hasTrailers(node.incoming) ? null : body
    },
  }
}

/** An absolute-form target may name another host than the Host field, or stand without one, and a handler sees both. */
function hostSeen(field: string | undefined, host: string, node: NodeParts | undefined): string {
  const isNone = field === undefined && node !== undefined && node.incoming.headers[':authority'] === undefined
  return isNone || (field !== undefined && field !== host) ? `${field ?? ''} ${host}` : host
}

/** On Node, asking a GET for its body makes a whole Request of it, and never finds one. */
function hasBody(c: Context, isOnNode: boolean): boolean {
  return isOnNode && (c.req.method === 'GET' || c.req.method === 'HEAD') ? false : c.req.raw.body !== null
}

/** The reply of `node:http` that this request is answered with; `undefined` elsewhere, and for sub-requests. */
export function outgoingOf(c: Context): WritableReply | undefined {
  const node = nodeParts(c)
  if (node === undefined) return undefined
  const { target } = placeOf(c.req.url)
  const { url } = node.incoming
  // The server leaves a target as sent where it may, though a URL made of it would be spelled otherwise, as with a `'`.
  return url === target || normalized(url) === target ? node.outgoing : undefined
}

/**
 * scheme "://" authority, then the target. No client is to send a fragment (RFC 9112 s3.2); from one that does, it
 * reaches the handler, and so it counts.
 */
const URL_PARTS = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)(.*)/is

function placeOf(url: string): Pick<RequestView, 'scheme' | 'host' | 'target'> {
  const [, scheme = '', host = '', target = ''] = URL_PARTS.exec(url) ?? []
  return { scheme, host, target }
}

/** A raw target as it stands in the URL that is made of it. */
function normalized(target: string): string {
  try {
    const { href } = new URL(target.startsWith('/') ? `http://host${target}` : target)
    return placeOf(href).target
  } catch {
    return target
  }
}

interface CloudflareRequest {
  readonly cf?: { readonly tlsClientAuth?: { readonly certPresented?: string } }
}

function showsCertificate(c: Context): boolean {
  return (c.req.raw as CloudflareRequest).cf?.tlsClientAuth?.certPresented === '1'
}
