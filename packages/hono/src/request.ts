import { type Message, messageView, type Reply, type RequestView } from '@stampede/core/http'
import type { Context } from 'hono'

/** A reply of `node:http` as far as its head is concerned. */
export interface Outgoing extends Reply {
  readonly writableFinished: boolean
  getHeaders(): Record<string, number | string | string[] | undefined>
  once(event: 'close', listener: () => void): unknown
  writeHead(status: number, ...rest: unknown[]): unknown
}

/** What stands behind a Hono context on Node. */
export interface NodeParts {
  readonly incoming: Message & { readonly method: string; readonly url: string }
  readonly outgoing: Outgoing
}

/** The request and reply of `node:http` behind the context, where `@hono/node-server` serves it. */
export function nodeParts(c: Context): NodeParts | undefined {
  const env = c.env as Partial<NodeParts> | undefined
  const isNode = typeof env?.outgoing?.writeHead === 'function' && typeof env.incoming?.url === 'string'
  return isNode ? (env as NodeParts) : undefined
}

/** The request as it came, before any normalization by a URL parser where the runtime shows it so. */
export function requestView(c: Context): RequestView {
  const node = nodeParts(c)
  if (node !== undefined) return messageView(c.req.method, node.incoming.url, node.incoming, node.outgoing)
  return { method: c.req.method, ...placeOf(c.req.url), ...factsOf(c) }
}

/** scheme "://" authority, then the target without a fragment (RFC 9110 s7.1). */
const URL_PARTS = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)([^#]*)/i

function placeOf(url: string): Pick<RequestView, 'scheme' | 'host' | 'target'> {
  const [, scheme = '', host = '', target = ''] = URL_PARTS.exec(url) ?? []
  return { scheme, host, target }
}

interface CloudflareRequest {
  readonly cf?: { readonly tlsClientAuth?: { readonly certPresented?: string } }
}

function factsOf(c: Context): Pick<RequestView, 'header' | 'hasClientCertificate' | 'isGone'> {
  return {
    header: name => c.req.header(name),
    hasClientCertificate: () => (c.req.raw as CloudflareRequest).cf?.tlsClientAuth?.certPresented === '1',
    isGone: () => c.req.raw.signal.aborted,
  }
}
