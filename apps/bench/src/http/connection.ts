import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { ResponseReader } from './response-reader.ts'

/** A connection that is kept alive, on which one request at a time is sent. */
export class Connection {
  readonly #socket: Socket
  #onResponse: (head: string) => void = () => {}
  #onFailed: (error: Error) => void = () => {}
  #failure: Error | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    const reader = new ResponseReader(head => this.#onResponse(head))
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk)
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('The server closed a connection.')))
  }

  /** Sends the request again and again for as long as `goesOn` says so. Resolves with how many were answered. */
  repeat(request: string, goesOn: () => boolean): Promise<number> {
    return new Promise<number>((resolve, reject) => {
      let answered = 0
      this.#onResponse = head => {
        if (!isOk(head)) return reject(new Error(`A request was answered with ${head}`))
        answered += 1
        if (goesOn()) this.#socket.write(request, 'latin1')
        else resolve(answered)
      }
      this.#send(request, reject)
    })
  }

  /** Sends one request. Resolves with the head of its answer, once all of that is there. */
  ask(request: string): Promise<string> {
    return new Promise<string>((resolve, reject) => {
      this.#onResponse = resolve
      this.#send(request, reject)
    })
  }

  close(): void {
    this.#onFailed = () => {}
    this.#socket.destroy()
  }

  #send(request: string, onFailed: (error: Error) => void): void {
    this.#onFailed = onFailed
    if (this.#failure === undefined) this.#socket.write(request, 'latin1')
    else onFailed(this.#failure)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#onFailed(this.#failure)
  }
}

export async function openConnections(port: number, count: number): Promise<Connection[]> {
  const connections: Connection[] = []
  while (connections.length < count) {
    const some = Math.min(BATCH, count - connections.length)
    connections.push(...(await Promise.all(Array.from({ length: some }, () => open(port)))))
  }
  return connections
}

/** So many connections are made at once: fewer than servers keep waiting. */
const BATCH = 100

async function open(port: number): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return new Connection(socket)
}

function isOk(head: string): boolean {
  return head.startsWith('HTTP/1.1 200')
}

/** A request as text, with the headers that most clients send. */
export function requestText(target: string, headers: readonly string[] = []): string {
  const lines = [`GET ${target} HTTP/1.1`, 'Host: localhost', 'Accept: */*', 'Accept-Encoding: identity', ...headers]
  return `${lines.join('\r\n')}\r\n\r\n`
}
