import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2'

/** How a stream ended. */
export interface Http2Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** RFC 9113 s7; 0 where it ended as it should. */
  readonly code: number
}

type Head = IncomingHttpHeaders & IncomingHttpStatusHeader

/** A stream of which no more is read than is asked for. */
export class Http2Reply {
  readonly stream: ClientHttp2Stream
  readonly #head: Promise<Head>
  readonly #chunks: Buffer[] = []
  readonly #closed: Promise<void>

  constructor(stream: ClientHttp2Stream) {
    this.stream = stream
    this.#head = new Promise(resolve => {
      stream.once('response', resolve)
      stream.once('close', () => resolve({}))
    })
    this.#closed = new Promise(resolve => stream.once('close', () => resolve()))
    // How it ended says its code.
    stream.on('error', () => {})
  }

  head(): Promise<Head> {
    return this.#head
  }

  /** Resolves when something of the body is there. */
  async begun(): Promise<void> {
    if (this.#chunks.length > 0) return
    await new Promise<void>(resolve => {
      this.stream.once('data', (chunk: Buffer) => {
        this.stream.pause()
        this.#chunks.push(chunk)
        resolve()
      })
    })
  }

  /** All of it, whichever way it ends. */
  async whole(): Promise<Http2Answer> {
    this.stream.on('data', (chunk: Buffer) => this.#chunks.push(chunk))
    this.stream.resume()
    const head = await this.#head
    await this.#closed
    const code = this.stream.rstCode ?? 0
    return { status: head[':status'] ?? 0, headers: head, body: Buffer.concat(this.#chunks).toString(), code }
  }
}

/** One connection. */
export class Http2Client {
  readonly session: ClientHttp2Session

  constructor(port: number, options: SecureClientSessionOptions = {}) {
    this.session = connect(`http://127.0.0.1:${port}`, options)
    this.session.on('error', () => {})
  }

  open(headers: OutgoingHttpHeaders = {}): Http2Reply {
    return new Http2Reply(this.session.request({ ':authority': 'a.example', ...headers }))
  }

  ask(headers?: OutgoingHttpHeaders): Promise<Http2Answer> {
    return this.open(headers).whole()
  }

  close(): void {
    this.session.destroy()
  }
}
