import type { SharedTier } from '@stampede/core'
import { Redis as Ioredis } from 'ioredis'
import ioredisLowest from 'ioredis-lowest'
import { Redis as Iovalkey } from 'iovalkey'
import { createClient, createClientPool } from 'redis'
import { createClient as createClientLowest } from 'redis-lowest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { RedisServer } from '../../conformance/src/redis/server.ts'
import { TcpProxy } from '../../conformance/src/tcp-proxy.ts'
import { redisStore } from '../src/index.ts'
import { awaitClientTimers } from './client-timers.ts'
import { localTier } from './unit/process.ts'

awaitClientTimers()

let server: RedisServer
let proxy: TcpProxy

beforeAll(async () => {
  server = await RedisServer.start()
  proxy = await TcpProxy.to(server.port)
})

afterAll(async () => {
  await proxy.close()
  await server.close()
})

interface Connected {
  readonly client: object
  end(): void
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
const clients: Readonly<Record<string, (port: number) => Connected | Promise<Connected>>> = {
  ioredis: port => ioredisOf(new Ioredis(address(port))),
  'ioredis-lowest': port => ioredisOf(new ioredisLowest.default(address(port))),
  iovalkey: port => ioredisOf(new Iovalkey(address(port))),
  'node-redis': port => nodeRedisOf(createClient(url(port))),
  'node-redis-lowest': port => nodeRedisOf(createClientLowest(url(port))),
  'a pool of node-redis': port => nodeRedisOf(createClientPool(url(port), pool)),
}

/** Turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(resolve => setImmediate(resolve))
}

async function connections(): Promise<number> {
  const list = await server.call('CLIENT', 'LIST')
  return String(list).trim().split('\n').length
}

/** Who asks for the list is on it. */
const USERS = 2

function join(client: object): SharedTier {
  return redisStore({ client, timeout: 2_000 }).join(localTier('f', []))
}

describe.each(Object.entries(clients))('a store over %s', (_, connect) => {
  it('leaves no connection behind, whenever it is closed', async () => {
    const { client, end } = await connect(server.port)
    await eventually(async () => (await connections()) === USERS)
    for (let turn = 0; turn < 20; turn += 1) {
      const tier = join(client)
      await turns(turn)
      await tier.close()
    }
    // Two lines that come later than all of these.
    await connections()
    await turns(50)
    await eventually(async () => (await connections()) === USERS, 5_000)
    end()
  })

  it('leaves none behind where it is closed while it connects again', async () => {
    const { client, end } = await connect(server.port)
    await eventually(async () => (await connections()) === USERS)
    const behind = await connect(proxy.port)
    for (let turn = 0; turn < 20; turn += 1) {
      const tier = join(behind.client)
      await eventually(() => proxy.links('subscribers').length === 1)
      proxy.cut('subscribers')
      await turns(turn)
      await tier.close()
      await eventually(() => proxy.links('subscribers').length === 0)
    }
    behind.end()
    await turns(50)
    await eventually(async () => (await connections()) === USERS, 5_000)
    expect(client).not.toBe(behind.client)
    end()
  })
})
