import type { Server } from 'node:http'
import type { HttpStampede } from '@stampede/core/http'
import type { ServerClient } from './client.ts'
import type { Tally } from './gate.ts'
import type { TestClock } from './test-clock.ts'

const ADDRESS = '203.0.113.7'
const PROXIES = '198.51.100.1'
const HOST = 'a.example'

/** A server that keeps what it answers, and a stale answer, for `ttl` milliseconds. */
export interface Refreshing {
  readonly client: ServerClient
  readonly server: Server
  readonly clock: TestClock
  readonly ttl: number
  readonly events: Tally
}

/** Has a page made, and refreshed, by requests whose connections seem to come from elsewhere. */
export async function refreshFromAfar({ client, server, clock, ttl, events }: Refreshing): Promise<void> {
  let port = 1_000
  server.on('connection', socket => {
    Object.defineProperty(socket, 'remoteAddress', { value: ADDRESS })
    Object.defineProperty(socket, 'remotePort', { value: (port += 1) })
  })
  const headers = { host: HOST, 'x-forwarded-for': PROXIES }
  await client.fetch('/', { headers })
  clock.advance(ttl + 1)
  await client.fetch('/', { headers })
  await events.until('store', 2)
}

/** What its handler sees of the two: address, port, host, protocol and `X-Forwarded-For`. */
export function seenFromAfar(protocol: string): readonly (readonly unknown[])[] {
  return [1_001, 1_002].map(port => [ADDRESS, port, HOST, protocol, PROXIES])
}

/** What two servers with one instance answer, asked in turn, where `one` has a ttl and `two` has none. */
export async function askInTurn(instance: HttpStampede, one: ServerClient, two: ServerClient): Promise<unknown> {
  const headers = { host: HOST }
  const first = await one.fetch('/', { headers })
  const hit = await two.fetch('/', { headers })
  void instance.controls.invalidate('/')
  const anew = [await two.fetch('/', { headers }), await one.fetch('/', { headers })]
  const { hits, misses } = instance.stats()
  const bodies = [first, hit, ...anew].map(({ body }) => body)
  return { bodies, hit: hit.headers['cache-status']?.slice(0, SHARED_HIT.length), hits, misses }
}

const SHARED_HIT = 'shared; hit'

/** The same, where the handlers answer `run ` and a number, and the instance is called `shared`. */
export const IN_TURN: unknown = { bodies: ['run 1', 'run 1', 'run 2', 'run 3'], hit: SHARED_HIT, hits: 1, misses: 3 }
