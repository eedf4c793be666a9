import { giveTicket, type Message, type MessageRefresh } from './view.ts'
import { stripped, type Stripped } from './mount-prefix.ts'
import type { RefreshRequest } from '../contract/contract.ts'

/** The parts of Stampede's own request that are used here. */
interface Incoming extends Stripped {
  method?: string | undefined
  url?: string | undefined
  httpVersion: string
  httpVersionMajor: number
  httpVersionMinor: number
  headers: object
  rawHeaders: string[]
  complete: boolean
  push(end: null): unknown
}

/** The parts of the reply that are used here. */
interface Outgoing {
  assignSocket(socket: never): void
  once(event: 'finish', listener: () => void): unknown
}

/** The parts of its apparent connection that are used here. */
interface Connection {
  destroy(): unknown
  once(event: 'close', listener: () => void): unknown
}

/** Classes of `node:http` and `node:stream`, which the core must not import. */
export interface MessageClasses<Request, Reply> {
  /** Of `node:http`. */
  readonly IncomingMessage: new (
    socket: never,
  ) => Request & Incoming
  /** Of `node:http`. */
  readonly ServerResponse: new (
    request: never,
  ) => Reply & Outgoing
  /** Of `node:stream`. */
  readonly Duplex: new (
    options: object,
  ) => Connection
}

/**
 * Sends requests of Stampede's own through an app for `node:http`, as if they came over a connection. The answers are
 * discarded.
 *
 * @param dispatch the function that the app's server calls for each request
 */
export function messageRefresh<Request extends object, Reply>(
  { IncomingMessage, ServerResponse, Duplex }: MessageClasses<Request, Reply>,
  dispatch: (request: Request, reply: Reply) => void,
): MessageRefresh {
  return (asked, ticket, trigger) =>
    new Promise<void>(resolve => {
      const socket = Object.assign(new Duplex(NOWHERE), connectionOf(asked, trigger))
      const request = Object.assign(new IncomingMessage(socket as never), headOf(asked, trigger))
      request.push(null)
      giveTicket(request, ticket)
      const reply = new ServerResponse(request as never)
      reply.assignSocket(socket as never)
      reply.once('finish', () => socket.destroy())
      socket.once('close', () => resolve())
      dispatch(request, reply)
    })
}

const NOWHERE = {
  read(): void {},
  write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done()
  },
}

interface Address {
  readonly remoteAddress?: string
  readonly remoteFamily?: string
  readonly remotePort?: number
}

/**
 * The connection that Stampede's own request shows: the address of the triggering client, whose limits and permissions
 * apply, and no certificate.
 */
export function connectionOf({ scheme }: RefreshRequest, { socket }: Message): object {
  const { remoteAddress, remoteFamily, remotePort }: Address = socket
  const place = { remoteAddress, remoteFamily, remotePort }
  return scheme === 'https' ? { ...place, ...OVER_TLS } : { ...place, encrypted: false }
}

const OVER_TLS = { encrypted: true, authorized: false, getPeerCertificate: (): object => ({}) }

function headOf(
  { method, target, host, headers }: RefreshRequest,
  { originalUrl, baseUrl }: Message,
): Omit<Incoming, 'push'> {
  const lines: readonly (readonly [string, string])[] = [['host', host], ...headers]
  return {
    method,
    // As in requests below another framework.
    ...(originalUrl !== undefined && baseUrl !== undefined && { originalUrl: target, baseUrl }),
    url: stripped(baseUrl ?? '', target),
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    headers: Object.fromEntries(lines),
    rawHeaders: lines.flat(),
    complete: true,
  }
}
