import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { Tally } from './gate.ts'

/** A request, beyond its target. */
export interface FetchOptions {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
  /** Aborting it cuts the connection. */
  readonly signal?: AbortSignal
  /** Called when the head is there. */
  readonly onHead?: () => void
}

/** A response as it was on the wire. */
export interface Fetched {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** The client of a listening server, and the way to close both. */
export interface ServerClient {
  /** Of the loopback interface. */
  readonly port: number
  readonly fetch: (target: string, options?: FetchOptions) => Promise<Fetched>
  /** Connections that the server has seen close, as `closed`. */
  readonly connections: Tally
  readonly close: () => Promise<void>
}

/** A client for a server on a port of its own on the loopback interface. Each request has its own connection. */
export function clientOf(server: Server): ServerClient {
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })
  const { port } = server.address() as AddressInfo
  const connections = new Tally()
  // Behind the server's own listener, so that it knows of the end of a connection when this does.
  server.on('connection', socket => socket.once('close', () => connections.add('closed')))
  return {
    port,
    connections,
    fetch: (target, options = {}) => send(agent, port, target, options),
    close: async () => {
      agent.destroy()
      server.closeAllConnections()
      if (server.listening) await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

/** Resolves when the server listens on a free port of the loopback interface. */
export function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 }, () => resolve())
  })
}

function send(agent: Agent, port: number, target: string, options: FetchOptions): Promise<Fetched> {
  const { method = 'GET', headers = {}, body, signal } = options
  return new Promise<Fetched>((resolve, reject) => {
    const sent = request(
      { agent, host: '127.0.0.1', port, path: target, method, headers, ...(signal && { signal }) },
      response => {
        options.onHead?.()
        resolve(receive(response))
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

async function receive(response: IncomingMessage): Promise<Fetched> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }
}
