import { Redis as Ioredis } from 'ioredis'
import ioredisLowest from 'ioredis-lowest'
import { Redis as Iovalkey } from 'iovalkey'
import { createClient, createClientPool } from 'redis'
import { createClient as createClientLowest } from 'redis-lowest'

/** A client of a process, and the way to let go of it. */
export interface Connected {
  readonly client: object
  readonly end: () => void
}

interface NodeRedis {
  on(event: 'error', listener: () => void): unknown
  connect(): Promise<unknown>
  destroy(): void
}

interface Ioredises {
  on(event: 'error', listener: () => void): unknown
  disconnect(): void
}

function ioredisOf(client: Ioredises): Connected {
  client.on('error', () => {})
  return { client, end: () => client.disconnect() }
}

async function nodeRedisOf(client: NodeRedis): Promise<Connected> {
  client.on('error', () => {})
  await client.connect()
  return { client, end: () => client.destroy() }
}

const address = (port: number) => ({ port, host: '127.0.0.1' })
const url = (port: number) => ({ url: `redis://127.0.0.1:${port}` })
const pool = { minimum: 1, maximum: 1 }
/** Clients of all kinds that the store opens a second one of, to listen with. */
export const clients: Readonly<Record<string, (port: number) => Connected | Promise<Connected>>> = {
  ioredis: port => ioredisOf(new Ioredis(address(port))),
  'ioredis-lowest': port => ioredisOf(new ioredisLowest.default(address(port))),
  iovalkey: port => ioredisOf(new Iovalkey(address(port))),
  'node-redis': port => nodeRedisOf(createClient(url(port))),
  'node-redis-lowest': port => nodeRedisOf(createClientLowest(url(port))),
  'a pool of node-redis': port => nodeRedisOf(createClientPool(url(port), pool)),
}

/** Of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(resolve => setImmediate(resolve))
}
