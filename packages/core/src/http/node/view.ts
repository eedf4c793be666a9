import { placeOf, type Stripped } from './mount-prefix.ts'
import type { RefreshRequest, RequestBody, RequestView } from '../contract/contract.ts'

/** A request as servers of the `http` kind hand it over: only the shape counts. */
export interface Message extends Stripped {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** One of TLS says `encrypted`, and shows its client's certificate. */
  readonly socket: object
  /** What came behind the body; known once that has been read. */
  readonly rawTrailers?: readonly string[]
  /** HTTP/2 only. */
  readonly stream?: { readonly endAfterHeaders?: boolean | undefined } | undefined
}

/** The reply to it. */
export interface Reply {
  /** Whether its connection is no more. */
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

/** Sends a request of Stampede's own, where `trigger` came to. */
export type MessageRefresh = (asked: RefreshRequest, ticket: object, trigger: Message) => Promise<void>

/** What the framework alone knows of a request, and can do with it. */
export interface MessageAccess {
  /** As sent, in upper case. */
  readonly method: string
  /** The original target, as sent. Below a framework that shows that by the habit of Express, what is left of it. */
  readonly target: string
  /** What the framework chooses the handler by, where that may be something else than the target. */
  readonly url?: string | undefined
  /** The prefix that a mount shows it has stripped from `url`. */
  readonly mountPath?: string | undefined
  /** The headers that a handler sees, by lower-case name, where they are not the message's. */
  readonly headers?: Message['headers'] | undefined
  /** How Stampede may send a request of its own. */
  readonly refresh?: MessageRefresh | undefined
  readonly ownBytes?: RequestView['ownBytes']
  /** As `RequestView.readBody`. */
  readonly readBody?: RequestView['readBody']
}

interface TlsParts {
  readonly encrypted?: boolean
  getPeerCertificate?(): object | null
}

/** The tickets of requests that Stampede sent. No client can put one here. */
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

/** The view of such a request. */
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

/** As `RequestView.hasBody`: a body that no header speaks of, as HTTP/2 may have it. */
export function hasUnsaidBody(message: Message): boolean {
  return message.stream?.endAfterHeaders === false
}

/** Whether one of these may be among them: also one that is hidden from loops, or that they inherit. */
export function mayCarry(headers: Message['headers'], names: ReadonlySet<string>): boolean {
  for (const name of Object.getOwnPropertyNames(headers)) if (names.has(name)) return true
  const prototype: unknown = Object.getPrototypeOf(headers)
  return prototype !== null && prototype !== Object.prototype
}

/** Shows a handler other headers than those that were sent. Returns what puts them back. */
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

/** Whether fields came behind the body: a handler sees them, and no key has them. Known once the body has been read. */
export function hasTrailers({ rawTrailers = [] }: Message): boolean {
  return rawTrailers.length > 0
}

/** HTTP/2 may say two different ones, of which frameworks take now the one, now the other (RFC 9113 s8.3.1). */
function hostOf(headers: Message['headers']): string {
  const host = joined(headers['host'])
  const authority = joined(headers[':authority'])
  if (host === undefined || authority === undefined || host === authority) return host ?? authority ?? ''
  return `${host} ${authority}`
}

function joined(value: string | readonly string[] | undefined): string | undefined {
  if (typeof value === 'string' || value === undefined) return value
  // `__proto__` and `constructor` are names of headers, too, and no header where nobody sent them.
  return Array.isArray(value) ? value.join(', ') : undefined
}
