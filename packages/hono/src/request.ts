import { hasTrailers, messageView, type RequestView, whenFinished, type WritableReply } from '@stampede/core/http'
import type { Context } from 'hono'
import { type Refresh, send, ticketOf } from './refresh.ts'
import { drain, readBody } from './request-body.ts'
import { nodeParts } from './runtime.ts'

/**
 * The request as the handler sees it. On Node what stands behind the context shows more of the connection, but is not
 * asked for the rest: a sub-request that is given `c.env` has another target, and other headers.
 */
export function requestView(c: Context, refresh: Refresh | undefined): RequestView {
  const { scheme, host, target } = placeOf(c.req.url)
  const node = nodeParts(c)
  const connection =
    node === undefined ? undefined : messageView({ method: c.req.method, target }, node.incoming, node.outgoing)
  const hostHeader = c.req.header('host')
  return {
    method: c.req.method,
    scheme,
    // An absolute-form target may name another host than the Host field, and a handler sees both.
    host: hostHeader === undefined || hostHeader === host ? host : `${hostHeader} ${host}`,
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

/** On Node, asking a GET for its body makes a whole Request of it, and never finds one. */
function hasBody(c: Context, isOnNode: boolean): boolean {
  return isOnNode && (c.req.method === 'GET' || c.req.method === 'HEAD') ? false : c.req.raw.body !== null
}

/** The reply of `node:http` that this request is answered with; `undefined` elsewhere, and for sub-requests. */
export function outgoingOf(c: Context): WritableReply | undefined {
  const node = nodeParts(c)
  return node !== undefined && normalized(node.incoming.url) === placeOf(c.req.url).target ? node.outgoing : undefined
}

/** scheme "://" authority, then the target without a fragment (RFC 9110 s7.1). */
const URL_PARTS = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)([^#]*)/i

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
