import { placeOf, type Stripped } from './mount-prefix.ts'
import type { RefreshRequest, RequestBody, RequestView } from '../contract/contract.ts'

/** A request of the `http` kind, by its shape. */
export interface Message extends Stripped {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** A TLS connection has `encrypted`, and its client's certificate. */
  readonly socket: object
  /** The trailers; known once the body has been read. */
  readonly rawTrailers?: readonly string[]
  /** HTTP/2 only. */
  readonly stream?: { readonly endAfterHeaders?: boolean | undefined } | undefined
}

/** The reply to it. */
export interface Reply {
  /** Whether its connection is closed. */
  readonly destroyed?: boolean
  /** HTTP/2 only. */
  readonly stream?:
    | {
        readonly destroyed: boolean
        readonly rstCode?: number | undefined
        readonly aborted?: boolean
        close?(code: number): void
        respond?(...rest: unknown[]): unknown
      }
    | undefined
}

/** Sends a request of Stampede's own to the place that `trigger` reached. */
export type MessageRefresh = (asked: RefreshRequest, ticket: object, trigger: Message) => Promise<void>

/** What only the framework knows of a request, and can do with it. */
export interface MessageAccess {
  /** As sent, in upper case. */
  readonly method: string
  /** The original target, as sent. Below a framework that follows the convention of Express, the rest of it. */
  readonly target: string
  /** The URL by which the framework chooses the handler, if that may differ from the target. */
  readonly url?: string | undefined
  /** The prefix that a mount shows it has stripped from `url`. */
  readonly mountPath?: string | undefined
  /** The headers that a handler sees, by lower-case name, if they are not those of the message. */
  readonly headers?: Message['headers'] | undefined
  /** How Stampede can send a request of its own. */
  readonly refresh?: MessageRefresh | undefined
  readonly ownBytes?: RequestView['ownBytes']
  /** As `RequestView.readBody`. */
  readonly readBody?: RequestView['readBody']
}

interface TlsParts {
  readonly encrypted?: boolean
  getPeerCertificate?(): object | null
}

/** The tickets of requests that Stampede sent. No client can add one. */
const tickets = new WeakMap<object, object>()

export function giveTicket(message: object, ticket: object): void {
  tickets.set(message, ticket)
}

/** The view of a request of the `http` kind. */
class MessageView implements RequestView {
  readonly method: string
  readonly target: string
  readonly routed: string | undefined
  readonly #message: Message
  readonly #reply: Reply
  readonly #access: MessageAccess
  readonly #headers: Message['headers']

  constructor(access: MessageAccess, message: Message, reply: Reply) {
    this.method = access.method
    const { target: own, url = own, mountPath } = access
    const { originalUrl, baseUrl } = message
    const isPlain = originalUrl === undefined && baseUrl === undefined && own === url && mountPath === undefined
    const place = isPlain ? undefined : placeOf({ originalUrl, baseUrl, own, url, mountPath })
    this.target = place?.target ?? own
    this.routed = place?.routed
    this.#message = message
    this.#reply = reply
    this.#access = access
    this.#headers = access.headers ?? message.headers
  }

  get message(): object {
    return this.#message
  }

  get scheme(): string {
    return (this.#message.socket as TlsParts).encrypted === true ? 'https' : 'http'
  }

  get host(): string {
    return hostOf(this.#headers)
  }

  get ticket(): object | undefined {
    return tickets.get(this.#message)
  }

  get refresh(): RequestView['refresh'] {
    const { refresh } = this.#access
    return refresh && ((asked, ticket) => refresh(asked, ticket, this.#message))
  }

  header(name: string): string | undefined {
    return joined(this.#headers[name])
  }

  mayCarry(names: ReadonlySet<string>): boolean {
    return mayCarry(this.#headers, names)
  }

  ownBytes(bytes: Uint8Array): Uint8Array {
    return this.#access.ownBytes?.(bytes) ?? bytes.slice()
  }

  hasClientCertificate(): boolean {
    return hasClientCertificate(this.#message)
  }

  isGone(): boolean {
    return isGone(this.#reply)
  }

  hasBody(): boolean {
    return hasUnsaidBody(this.#message)
  }

  readBody(maxBytes: number): Promise<RequestBody | null> {
    return this.#access.readBody?.(maxBytes) ?? Promise.resolve(null)
  }
}

/** Makes the view of such a request. */
export function messageView(access: MessageAccess, message: Message, reply: Reply): RequestView {
  return new MessageView(access, message, reply)
}

/** As `RequestView.hasClientCertificate`. */
export function hasClientCertificate(message: Message): boolean {
  const socket = message.socket as TlsParts
  return socket.getPeerCertificate !== undefined && Object.keys(socket.getPeerCertificate() ?? {}).length > 0
}

/** As `RequestView.isGone`. */
export function isGone(reply: Reply): boolean {
  return reply.stream?.destroyed ?? reply.destroyed === true
}

/** As `RequestView.hasBody`: a body that no header announces, as is possible in HTTP/2. */
export function hasUnsaidBody(message: Message): boolean {
  return message.stream?.endAfterHeaders === false
}

/** Whether one of these may be among the headers, including inherited and non-enumerable ones. */
export function mayCarry(headers: Message['headers'], names: ReadonlySet<string>): boolean {
  for (const name of Object.getOwnPropertyNames(headers)) if (names.has(name)) return true
  const prototype: unknown = Object.getPrototypeOf(headers)
  return prototype !== null && prototype !== Object.prototype
}

/** Replaces request headers for the handler. Returns the function that restores them. */
export function showHeaders(message: Message, shown: ReadonlyMap<string, string | undefined>): () => void {
  const headers: Record<string, string | readonly string[] | undefined> = message.headers
  const sent = [...shown.keys()].map(name => [name, headers[name]] as const)
  put(headers, shown)
  return () => put(headers, sent)
}

function put(
  headers: Record<string, string | readonly string[] | undefined>,
  values: Iterable<readonly [string, string | readonly string[] | undefined]>,
): void {
  for (const [name, value] of values) {
    if (value === undefined) delete headers[name]
    else headers[name] = value
  }
}

/** Whether the body had trailers, which a handler sees and no key contains. Known once the body has been read. */
export function hasTrailers({ rawTrailers = [] }: Message): boolean {
  return rawTrailers.length > 0
}

/** HTTP/2 may have two different ones, and frameworks differ in which they use (RFC 9113 s8.3.1). */
function hostOf(headers: Message['headers']): string {
  const host = joined(headers['host'])
  const authority = joined(headers[':authority'])
  if (host === undefined || authority === undefined || host === authority) return host ?? authority ?? ''
  return `${host} ${authority}`
}

function joined(value: string | readonly string[] | undefined): string | undefined {
  if (typeof value === 'string' || value === undefined) return value
  // `__proto__` and `constructor` are valid header names, which an object has without a header.
  return Array.isArray(value) ? value.join(', ') : undefined
}
