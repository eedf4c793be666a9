import type { RequestView } from './types.ts'

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
  readonly stream?:
    | { readonly destroyed: boolean; readonly rstCode?: number | undefined; respond?(...rest: unknown[]): unknown }
    | undefined
}

interface TlsParts {
  readonly encrypted?: boolean
  getPeerCertificate?(): object | null
}

/** The view of such a request; `target` is the original one, as sent. */
export function messageView(method: string, target: string, message: Message, reply: Reply): RequestView {
  const socket: TlsParts = message.socket
  return {
    method,
    target,
    scheme: socket.encrypted === true ? 'https' : 'http',
    host: joined(message.headers['host'] ?? message.headers[':authority']) ?? '',
    header: name => joined(message.headers[name]),
    hasClientCertificate: () => Object.keys(socket.getPeerCertificate?.() ?? {}).length > 0,
    isGone: () => reply.stream?.destroyed ?? reply.destroyed === true,
  }
}

function joined(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value
}
