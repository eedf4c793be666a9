import type { RequestView } from './types.ts'

/** A request as servers of the `http` kind hand it over: only the shape counts. */
export interface Message {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly socket: object
  readonly rawTrailers?: readonly string[]
  /** HTTP/2 only. */
  readonly stream?: { readonly endAfterHeaders?: boolean | undefined } | undefined
}

/** The reply to it. */
export interface Reply {
  /** Whether its connection is no more. */
  readonly destroyed?: boolean
  /** HTTP/2 only. */
  readonly stream?: { readonly destroyed: boolean; readonly rstCode?: number | undefined } | undefined
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
    host: hostOf(message.headers),
    header: name => joined(message.headers[name]),
    hasClientCertificate: () => Object.keys(socket.getPeerCertificate?.() ?? {}).length > 0,
    isGone: () => reply.stream?.destroyed ?? reply.destroyed === true,
    hasBody: () => message.stream?.endAfterHeaders === false,
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
  return typeof value === 'object' ? value.join(', ') : value
}
