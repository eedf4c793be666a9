import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Load } from './load.ts'
import type { Kind } from './served.ts'

export interface Waiters {
  readonly waiters: number
  readonly sockets: number
  readonly bytes: number
}

/** Milliseconds: the longest time between two turns of the event loop, and how long the whole of it took. */
export interface Figure {
  readonly longest: number
  readonly whole: number
}

/** How often the loop is looked at, milliseconds; no block is shown shorter than that. */
const RESOLUTION = 1
const NANO = 1e6

/** The delay of the event loop when all followers are released at once. Throws unless each got one answer. */
export async function measureRelease(
  kind: Kind,
  { waiters, sockets, bytes }: Waiters,
  load: (asked: Load) => Promise<number>,
): Promise<Figure & { readonly runs: number }> {
  const { server, waiting, release, runs } = kind.serve(Buffer.alloc(bytes, 'x'))
  server.listen({ port: 0, host: '127.0.0.1', backlog: sockets })
  await once(server, 'listening')
  const answered = load({ port: (server.address() as AddressInfo).port, waiters, sockets })
  await waiting(waiters)
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  await turn()
  const before = performance.now()
  release()
  const count = await answered
  const whole = performance.now() - before
  await turn()
  delay.disable()
  server.close()
  if (count !== waiters) throw new Error(`${kind.name}: ${count} answers for ${waiters} who waited`)
  return { longest: delay.max / NANO, whole, runs: runs() }
}

function turn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 2 * RESOLUTION))
}
