import { connect, type Socket } from 'node:net'

/** A reply of a server: an error is one, not thrown. */
export type Reply = string | number | null | Error | readonly Reply[]

/** The reply that begins at `from`, and where it ends; nothing where it is not whole. */
interface Parsed {
  readonly reply: Reply
  readonly end: number
}

/** A connection for the hands of a test, in the oldest protocol there is. */
export class RedisLine {
  readonly #socket: Socket
  readonly #waiting: { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void }[] = []
  #received = ''

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.#take(text))
    socket.on('close', () => this.#fail())
    socket.on('error', () => this.#fail())
  }

  static async to(port: number, host: string = '127.0.0.1'): Promise<RedisLine> {
    const socket = connect({ port, host, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new RedisLine(socket)
  }

  /** The reply; an error reply rejects. */
  async call(...args: readonly (string | number | Buffer)[]): Promise<Reply> {
    const reply = await this.send(...args)
    if (reply instanceof Error) throw reply
    return reply
  }

  send(...args: readonly (string | number | Buffer)[]): Promise<Reply> {
    const parts = args.map(arg => (Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg))))
    const sent = parts.flatMap(part => [Buffer.from(`$${part.length}\r\n`), part, Buffer.from('\r\n')])
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#socket.write(Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...sent]))
      if (this.#socket.destroyed) this.#fail()
    })
  }

  close(): void {
    this.#socket.destroy()
    this.#fail()
  }

  #fail(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection is closed'))
  }

  #take(text: string): void {
    this.#received += text
    for (let parsed = parse(this.#received, 0); parsed !== undefined; parsed = parse(this.#received, 0)) {
      this.#received = this.#received.slice(parsed.end)
      this.#waiting.shift()?.resolve(parsed.reply)
    }
  }
}

function parse(text: string, from: number): Parsed | undefined {
  const lineEnd = text.indexOf('\r\n', from)
  if (lineEnd < 0) return undefined
  const line = text.slice(from + 1, lineEnd)
  const end = lineEnd + 2
  switch (text.charAt(from)) {
    case '+':
      return { reply: line, end }
    case '-':
      return { reply: new Error(line), end }
    case ':':
      return { reply: Number(line), end }
    case '$':
      return bulk(text, Number(line), end)
    case '*':
      return row(text, Number(line), end)
    default:
      throw new Error(`no reply: ${JSON.stringify(text.slice(from, from + 80))}`)
  }
}

function bulk(text: string, length: number, start: number): Parsed | undefined {
  if (length < 0) return { reply: null, end: start }
  const end = start + length + 2
  return text.length < end ? undefined : { reply: text.slice(start, end - 2), end }
}

function row(text: string, count: number, start: number): Parsed | undefined {
  const replies: Reply[] = []
  let end = start
  for (let index = 0; index < count; index += 1) {
    const parsed = parse(text, end)
    if (!parsed) return undefined
    replies.push(parsed.reply)
    end = parsed.end
  }
  return { reply: replies, end }
}
