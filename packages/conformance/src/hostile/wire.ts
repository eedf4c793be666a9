import { connect } from 'node:net'
import { type RawResponse, rawFetch, responses } from '../raw-client.ts'

/** What a hostile client asks, byte by byte. Texts are Latin-1: one byte a character. */
export interface Asked {
  readonly method?: string
  readonly target?: string
  /** Field lines. Without a `Host` among them there is one, unless the version is 1.0. */
  readonly lines?: readonly string[]
  readonly body?: string
  readonly version?: string
  /** Whether it is the last of its connection; default: it is. */
  readonly last?: boolean
}

export const HOST = 'a.example'

/** The bytes of a request. Nothing is added to make it well-formed, but for the `Host`. */
export function written({
  method = 'GET',
  target = '/',
  lines = [],
  body = '',
  version = '1.1',
  last = true,
}: Asked): string {
  const hasHost = version === '1.0' || lines.some(line => /^host[ \t]*:/i.test(line))
  const head = [
    `${method} ${target} HTTP/${version}`,
    ...(hasHost ? [] : [`Host: ${HOST}`]),
    ...lines,
    ...(last ? ['Connection: close'] : []),
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** All answers to these bytes, until the server closes. */
export function exchange(port: number, bytes: string): Promise<RawResponse[]> {
  return rawFetch(port, bytes)
}

/** The answer to one request on a connection of its own. */
export async function ask(port: number, asked: Asked = {}): Promise<RawResponse> {
  const [answer] = await exchange(port, written(asked))
  if (answer === undefined) throw new Error(`no answer to ${JSON.stringify(asked)}`)
  return answer
}

/** Status and body of the answer, as one text. */
export async function seen(port: number, asked: Asked = {}): Promise<string> {
  const { status, body } = await ask(port, asked)
  return `${status} ${body.toString('latin1')}`
}

/** The value of a field of an answer; its lines joined. */
export function field({ lines }: RawResponse, name: string): string | undefined {
  const start = `${name}:`
  const values = lines.filter(line => line.toLowerCase().startsWith(start)).map(line => line.slice(start.length).trim())
  return values.length === 0 ? undefined : values.join(', ')
}

/** Plain requests behind bytes of any kind, one after another, by which a server has answered what it means to answer. */
const ROUNDS = 10

/**
 * What is answered to any bytes, also where they leave the server waiting for more: the client half-closes once it
 * has answered plain requests that came behind them.
 */
export async function attempt(port: number, bytes: string): Promise<readonly RawResponse[]> {
  const socket = connect({ port, host: '127.0.0.1' })
  const chunks: Buffer[] = []
  const closed = new Promise(resolve => socket.once('close', resolve))
  socket.on('data', chunk => chunks.push(chunk)).on('error', () => {})
  await new Promise<void>(resolve => socket.write(bytes, 'latin1', () => resolve()))
  for (let round = 0; !socket.closed && round < ROUNDS; round += 1) {
    const { status } = await ask(port, { target: '/plain' })
    if (status !== 200) throw new Error(`a plain request behind ${JSON.stringify(bytes)} got ${status}`)
  }
  socket.end()
  await closed
  return responses(Buffer.concat(chunks))
}

/** Status and body, as one text. */
export function outcome({ status, body }: RawResponse): string {
  return `${status} ${body.toString('latin1')}`
}
