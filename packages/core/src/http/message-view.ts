import type { RefreshRequest, RequestView } from './types.ts'

/** A request as servers of the `http` kind hand it over: only the shape counts. */
export interface Message {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly socket: object
}

/** The reply to it. */
export interface Reply {
  /** Whether its connection is no more. */
  readonly destroyed?: boolean
  /** HTTP/2 only. */
  readonly stream?: { readonly destroyed: boolean; readonly rstCode?: number | undefined } | undefined
}

/** Sends a request of Stampede's own, where `trigger` came to. */
export type MessageRefresh = (asked: RefreshRequest, ticket: object, trigger: Message) => Promise<void>

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
  readonly #message: Message
  readonly #reply: Reply
  readonly #refresh: MessageRefresh | undefined

  constructor([method, target]: readonly [string, string], message: Message, reply: Reply, refresh?: MessageRefresh) {
    this.method = method
    this.target = target
    this.#message = message
    this.#reply = reply
    this.#refresh = refresh
  }

  get scheme(): string {
    return (this.#message.socket as TlsParts).encrypted === true ? 'https' : 'http'
  }

  get host(): string {
    return joined(this.#message.headers['host'] ?? this.#message.headers[':authority']) ?? ''
  }

  get ticket(): object | undefined {
    return tickets.get(this.#message)
  }

  get refresh(): RequestView['refresh'] {
    const refresh = this.#refresh
    return refresh && ((asked, ticket) => refresh(asked, ticket, this.#message))
  }

  header(name: string): string | undefined {
    return joined(this.#message.headers[name])
  }

  hasClientCertificate(): boolean {
    return Object.keys((this.#message.socket as TlsParts).getPeerCertificate?.() ?? {}).length > 0
  }

  isGone(): boolean {
    return this.#reply.stream?.destroyed ?? this.#reply.destroyed === true
  }
}

/**
 * The view of such a request.
 *
 * @param place its method, and the original target as sent
 * @param refresh how Stampede may send one of its own
 */
export function messageView(
  place: readonly [method: string, target: string],
  message: Message,
  reply: Reply,
  refresh?: MessageRefresh,
): RequestView {
  return new MessageView(place, message, reply, refresh)
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

function joined(value: string | readonly string[] | undefined): string | undefined {
  if (typeof value === 'string' || value === undefined) return value
  // `__proto__` and `constructor` are names of headers, too, and no header where nobody sent them.
  return Array.isArray(value) ? value.join(', ') : undefined
}
