import { connect } from 'node:net'

/** A response as its bytes say it. */
export interface RawResponse {
  readonly status: number
  /** Field lines as sent, without the status line. */
  readonly lines: readonly string[]
  readonly body: Buffer
}

/**
 * Sends bytes as they are and gives what comes back until the server closes: requests are to say `Connection: close`.
 * The head of an interim response (1xx) is left out. Latin-1 in a text is one byte a character.
 */
export async function rawFetch(port: number, request: string | Uint8Array): Promise<RawResponse[]> {
  return responses(await rawBytes(port, request))
}

/** The same, as bytes: the head of an interim response is among them. */
export function rawBytes(port: number, request: string | Uint8Array): Promise<Buffer> {
  const chunks: Buffer[] = []
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write(typeof request === 'string' ? Buffer.from(request, 'latin1') : request)
    })
    socket.on('data', chunk => chunks.push(chunk))
    socket.on('error', error => {
      if (chunks.length === 0) reject(error)
    })
    socket.on('close', () => resolve(Buffer.concat(chunks)))
  })
}

/** What an answer says, comparable with that of another server: some make up a host of their own port where none is sent. */
export function withoutPort(answer: string, port: number): string {
  return answer.replaceAll(`:${port}`, '')
}

/** The responses in what a server sent. */
export function responses(bytes: Buffer): RawResponse[] {
  const found: RawResponse[] = []
  let rest = bytes
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) break
    const [statusLine = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n')
    const status = Number(statusLine.split(' ')[1])
    const { body, length } = bodyOf(lines, status, rest.subarray(end + 4))
    if (status >= 200) found.push({ status, lines, body })
    rest = rest.subarray(end + 4 + length)
  }
  return found
}

function bodyOf(lines: readonly string[], status: number, rest: Buffer): { body: Buffer; length: number } {
  const value = (name: string): string | undefined =>
    lines.find(line => line.toLowerCase().startsWith(`${name}:`))?.split(/:\s*/, 2)[1]
  if (status < 200 || status === 204 || status === 304) return { body: rest.subarray(0, 0), length: 0 }
  if (value('transfer-encoding') !== undefined) return unchunked(rest)
  const length = Math.min(Number(value('content-length') ?? rest.length), rest.length)
  return { body: rest.subarray(0, length), length }
}

function unchunked(bytes: Buffer): { body: Buffer; length: number } {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const end = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16)
    if (end === -1 || Number.isNaN(size)) return { body: Buffer.concat(chunks), length: bytes.length }
    at = end + 2 + size + 2
    if (size === 0) return { body: Buffer.concat(chunks), length: at }
    chunks.push(bytes.subarray(end + 2, end + 2 + size))
  }
}
