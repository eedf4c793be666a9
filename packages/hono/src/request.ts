import {
  hasClientCertificate,
  hasTrailers,
  hasUnsaidBody,
  isGone,
  mayCarry,
  type RequestBody,
  type RequestView,
  whenFinished,
  type WritableReply,
} from '@stampede/core/http'
import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'
import { isSame, type Place, partsOf, placeIn } from './place.ts'
import { askedOf, NO_FIELD, type Refresh, send } from './refresh.ts'
import { isAsItCame, isOwn } from './own-request.ts'
import { drain, readBody } from './request-body.ts'
import { mayLackHost, type NodeParts, nodeParts } from './runtime.ts'

/** The input of the middleware. */
export interface Surroundings {
  readonly refresh: Refresh | undefined
  /** The prefix that mounts strip. */
  readonly base: string | undefined
}

/**
 * The request as the handler sees it. On Node, the message behind the context shows more of the connection. It is not
 * used for the rest: a sub-request with `c.env` has another target, and other headers.
 */
export class HonoView implements RequestView {
  readonly method: string
  readonly scheme: string
  readonly target: string
  readonly routed: string | undefined
  readonly host: string
  readonly node: NodeParts | undefined
  readonly #c: Context
  readonly #refresh: Refresh | undefined
  readonly #place: Place
  /** All sent fields, each once, if no other code can have added to them. */
  readonly #sent: Sent | undefined

  constructor(c: Context, { refresh, base }: Surroundings) {
    const { raw } = c.req
    const { scheme, host, target: url } = partsOf(raw.url)
    const node = nodeParts(c)
    this.method = raw.method
    this.scheme = scheme
    this.#c = c
    this.#refresh = refresh
    this.node = node
    this.#sent = node && c.req.header === classOf(c.req).header ? sentFields(raw, node.incoming) : undefined
    const isServers = node !== undefined && (this.#sent !== undefined || isOwn(raw, node.incoming))
    const place = placeIn(c, { url, node, isOwn: isServers, base })
    const asked = node === undefined ? askedOf(raw) : undefined
    this.#place = asked === undefined ? place : { ...place, ...asked }
    this.target = this.#place.target
    this.routed = place.routed
    this.host = hostSeen(this.header('host'), host, node)
  }

  get refresh(): RequestView['refresh'] {
    // A request cannot have two hosts; one without a Host field is recognized only where such requests exist.
    const host = mayLackHost && this.host.startsWith(NO_FIELD) ? this.host.slice(NO_FIELD.length) : this.host
    const refresh = host.includes('/') ? undefined : this.#refresh
    const { isShown, registration } = this
    return refresh && (async (asked, ticket) => send(this.#c, refresh, asked, { ticket, isShown, registration }))
  }

  /** A request that a mount has made from the server's own counts as that; a sub-request is another one. */
  get message(): object {
    const node = this.node
    return node === undefined || !this.#place.isServers ? this.#c.req.raw : node.incoming
  }

  /** Whether the sent target is known: otherwise a mount may have stripped what chose the app. */
  get isShown(): boolean {
    return this.#place.isShown
  }

  /** The handler that the app made of one `use` of the middleware. */
  get registration(): object | undefined {
    return askedOf(this.#c.req.raw)?.registration ?? routeOf(this.#c)
  }

  /** Whether the URL is as sent, as far as known. */
  get isWhole(): boolean {
    return this.#place.isWhole
  }

  get ticket(): object | undefined {
    return askedOf(this.#c.req.raw)?.ticket
  }

  header(name: string): string | undefined {
    if (this.#sent === undefined) return this.#c.req.header(name)
    const value: unknown = this.#sent[name]
    // Names that all objects have are no fields: their values are not text.
    return typeof value === 'string' ? value : undefined
  }

  mayCarry(names: ReadonlySet<string>): boolean {
    return this.#sent === undefined || mayCarry(this.#sent, names)
  }

  /** The reply to an unchanged request of the server; `undefined` for any other request. */
  get ownReply(): WritableReply | undefined {
    const node = this.node
    if (node === undefined) return undefined
    return this.#sent !== undefined || isOwn(this.#c.req.raw, node.incoming) ? node.outgoing : undefined
  }

  /** Node's Response hands out only copies. */
  ownBytes(bytes: Uint8Array): Uint8Array {
    const outgoing = this.node?.outgoing
    return outgoing === undefined || isWrapped(outgoing) ? bytes.slice() : bytes
  }

  hasClientCertificate(): boolean {
    return this.node === undefined ? showsCertificate(this.#c) : hasClientCertificate(this.node.incoming)
  }

  isGone(): boolean {
    return this.node === undefined ? this.#c.req.raw.signal.aborted : isGone(this.node.outgoing)
  }

  hasBody(): boolean {
    const isOnNode = this.node !== undefined
    if (isOnNode && hasUnsaidBody(this.node.incoming)) return true
    // On Node, reading the body of a GET makes a whole Request, and never finds a body.
    return !(isOnNode && (this.method === 'GET' || this.method === 'HEAD')) && this.#c.req.raw.body !== null
  }

  async readBody(maxBytes: number): Promise<RequestBody | null> {
    const node = this.node
    const { raw } = this.#c.req
    const body = await readBody(this.#c, maxBytes)
    if (node !== undefined && body === null) whenFinished(node.outgoing, () => drain(raw))
    return node !== undefined && hasTrailers(node.incoming) ? null : body
  }
}

/** Shared by all objects of a class. Checking for an own property takes three times as long as this comparison. */
function classOf<Of extends object>(one: Of): Of {
  return Object.getPrototypeOf(one) as Of
}

/** Whether a reply has own methods, which receive what is sent. */
function isWrapped(reply: WritableReply & { readonly end?: unknown; readonly write?: unknown }): boolean {
  const inherited = classOf(reply)
  return reply.end !== inherited.end || reply.write !== inherited.write
}

/** The fields of a request, each as sent, and once. */
type Sent = Readonly<Record<string, string>>

/**
 * Node's own table of the fields of a request. Only for an unchanged request of the server without repeated fields, of
 * some of which Node keeps only the first. A wrapper of the listener may have changed or removed a field, and the
 * handler would see the sent one.
 */
function sentFields(raw: Request, incoming: NodeParts['incoming']): Sent | undefined {
  if (!isAsItCame(raw, incoming)) return undefined
  const { headers, rawHeaders = [] } = incoming
  let at = 0
  // Node stores them in the order of arrival.
  for (const name in headers) {
    if (rawHeaders[at + 1] !== headers[name] || rawHeaders[at]?.toLowerCase() !== name) return undefined
    at += 2
  }
  return at === rawHeaders.length ? (headers as Sent) : undefined
}

/**
 * An absolute-form target may name another host than the Host field, or come without one, and the handler sees both.
 */
function hostSeen(field: string | undefined, host: string, node: NodeParts | undefined): string {
  const isNone = field === undefined && (node === undefined ? mayLackHost : !hasAuthority(node))
  // The host of a URL contains no slash, and a field begins with no space: these are never confused.
  if (isNone) return `${NO_FIELD}${host}`
  return field !== undefined && field !== host ? `${field}/${host}` : host
}

/** HTTP/2 has it in place of a Host field. */
function hasAuthority({ incoming }: NodeParts): boolean {
  return incoming.headers[':authority'] !== undefined
}

/** The reply of `node:http` for this request; `undefined` elsewhere, and for sub-requests. */
export function outgoingOf(c: Context): WritableReply | undefined {
  const node = nodeParts(c)
  if (node === undefined) return undefined
  return isSame(node.incoming.url, partsOf(c.req.url).target) ? node.outgoing : undefined
}

interface CloudflareRequest {
  readonly cf?: { readonly tlsClientAuth?: { readonly certPresented?: string } }
}

function showsCertificate(c: Context): boolean {
  return (c.req.raw as CloudflareRequest).cf?.tlsClientAuth?.certPresented === '1'
}

/** The current route. Hono's CommonJS build keeps it where its module build does not see it. */
function routeOf(c: Context): object | undefined {
  try {
    return matchedRoutes(c)[c.req.routeIndex]
  } catch {
    return undefined
  }
}
