import { connect } from 'node:net'

/** Requests for one target, over a few connections. */
export interface Load {
  readonly port: number
  readonly waiters: number
  readonly sockets: number
}

const HEAD = 'HTTP/1.1 200'
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n'

/** Sends all of them at once, each connection its own in one go, and counts the answers when all have ended. */
export async function sendAll({ port, waiters, sockets }: Load): Promise<number> {
  const shares = Array.from(
    { length: sockets },
    (_, index) => Math.floor(waiters / sockets) + (index < waiters % sockets ? 1 : 0),
  )
  const answered = await Promise.all(shares.filter(share => share > 0).map(share => sendShare(port, share)))
  return answered.reduce((sum, count) => sum + count, 0)
}

function sendShare(port: number, share: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('data', chunk => chunks.push(chunk))
    socket.once('error', reject)
    socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1').split(HEAD).length - 1))
    socket.write(`${`${REQUEST}\r\n`.repeat(share - 1)}${REQUEST}Connection: close\r\n\r\n`)
  })
}
