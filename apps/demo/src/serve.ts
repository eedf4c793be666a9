import { once } from 'node:events'
import type { Listening } from './listen.ts'
import { startOrigin } from './origin.ts'
import { frameworks } from './servers/index.ts'

const LATENCY = 1_000
const TTL = 5_000

/** Keeps the origin and the servers up until the process gets a signal. Returns the exit code. */
export async function serve(firstPort: number): Promise<number> {
  const up: Listening[] = []
  try {
    const origin = await startOrigin(LATENCY, firstPort)
    up.push(origin)
    print(`An origin that takes ${LATENCY} ms: ${origin.url}/report?nonce=1`)
    for (const [index, { name, start }] of frameworks.entries()) {
      const server = await start({ origin, stampede: { ttl: TTL }, port: firstPort + 1 + index })
      up.push(server)
      print(
        `${name.padEnd(8)} curl -i '${server.url}/report?nonce=1'   and without Stampede '${server.url}/bare?nonce=1'`,
      )
    }
    print(`Fresh for ${TTL} ms; see Cache-Status and Age. Ctrl-C stops.`)
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    return 0
  } finally {
    await Promise.all(up.map(listening => listening.close()))
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
