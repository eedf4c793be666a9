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
  readonly body?: string | Uint8Array
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
  /** The body as it came. */
  readonly bytes: Buffer
}

/** A reply that is read on request: unread, it is a stalled client. */
export class OpenReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly #message: IncomingMessage
  readonly #chunks: AsyncIterator<Buffer>
  #ahead = ''

  constructor(message: IncomingMessage) {
    this.status = message.statusCode ?? 0
    this.headers = message.headers
    this.#message = message
    this.#chunks = message[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  /** The next so many characters, of a body in ASCII. Rejects where it ends or breaks off before. */
  async read(count: number): Promise<string> {
    while (this.#ahead.length < count) {
      if (!(await this.#advance())) throw new Error(`the body ends with ${JSON.stringify(this.#ahead)}`)
    }
    const text = this.#ahead.slice(0, count)
    this.#ahead = this.#ahead.slice(count)
    return text
  }

  /** All that is left. Rejects where it breaks off. */
  async rest(): Promise<string> {
    while (await this.#advance()) {
      // Each step adds to what was read ahead.
    }
    return this.#ahead
  }

  /** How much is left, where it is too much to be held as text. */
  async drain(): Promise<number> {
    let length = this.#ahead.length
    for (let step = await this.#chunks.next(); step.done !== true; step = await this.#chunks.next())
      length += step.value.byteLength
    return length
  }

  /** Cuts the connection. */
  close(): void {
    this.#message.destroy()
  }

  async #advance(): Promise<boolean> {
    const step = await this.#chunks.next()
    if (step.done === true) return false
    this.#ahead += step.value.toString('latin1')
    return true
  }
}

/** A server that listens. */
export interface ListeningServer {
  /** Of the loopback interface. */
  readonly port: number
  /** Connections that the server has seen close, as `closed`. */
  readonly connections: Tally
  readonly close: () => Promise<void>
}

/** The client of a listening server, and the way to close both. */
export interface ServerClient extends ListeningServer {
  readonly fetch: (target: string, options?: FetchOptions) => Promise<Fetched>
  /** The same, without reading the body; resolves with the head. */
  readonly open: (target: string, options?: FetchOptions) => Promise<OpenReply>
}

/** A client for a server on a port of its own on the loopback interface. */
export function clientOf(server: Server): ServerClient {
  const { port } = server.address() as AddressInfo
  const connections = new Tally()
  // Behind the server's own listener, so that it knows of the end of a connection when this does.
  server.on('connection', socket => socket.once('close', () => connections.add('closed')))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    if (server.listening) await new Promise<void>(resolve => server.close(() => resolve()))
  }
  return clientAt({ port, connections, close })
}

/** A client for a server of whichever kind, which its `close` closes too. Each request has its own connection. */
export function clientAt({ port, connections, close }: ListeningServer): ServerClient {
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })
  return {
    port,
    connections,
    fetch: async (target, options = {}) => receive(await send(agent, port, target, options)),
    open: async (target, options = {}) => new OpenReply(await send(agent, port, target, options)),
    close: () => {
      agent.destroy()
      return close()
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

function send(agent: Agent, port: number, target: string, options: FetchOptions): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, signal } = options
  return new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(
      { agent, host: '127.0.0.1', port, path: target, method, headers, ...(signal && { signal }) },
      response => {
        options.onHead?.()
        resolve(response)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

async function receive(response: IncomingMessage): Promise<Fetched> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  await serverDone()
  return { status: response.statusCode ?? 0, headers: response.headers, body: bytes.toString(), bytes }
}

/** The server is of this process: what it does after the last byte, such as to store the whole, is done by then. */
async function serverDone(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise(resolve => setImmediate(resolve))
}
