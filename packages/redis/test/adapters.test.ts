import { adapterOverStoreSuite, type Mount, type MountFleet } from '@stampede/conformance'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { RedisServer } from '../../conformance/src/redis/server.ts'
import { mount as fastify } from '../../fastify/test/mount.ts'
import { mount as hono } from '../../hono/test/mount.ts'
import { mount as koa } from '../../koa/test/mount.ts'
import { redisStore } from '../src/index.ts'
import { awaitClientTimers } from './client-timers.ts'

let server: RedisServer
let namespaces = 0

awaitClientTimers()

beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.close())

const overRedis: MountFleet = () => {
  namespaces += 1
  const namespace = `adapters${namespaces}`
  const watching = new Redis({ port: server.port, host: '127.0.0.1' })
  const clients: Redis[] = [watching]
  return {
    store: () => {
      const client = new Redis({ port: server.port, host: '127.0.0.1' })
      clients.push(client)
      // A machine that is busy with other tests may take its time: no case here is about that.
      return redisStore({ client, namespace, commandTimeout: 10_000, leaseTtl: 10_000 })
    },
    waiting: count => eventually(async () => (await waitersOf(watching, namespace)) >= count),
    idle: () => eventually(async () => (await watching.keys(`${namespace}:*:l`)).length === 0),
    close: async () => {
      await Promise.all(clients.map(client => client.quit()))
    },
  }
}

/** Beside what it says of itself, a lease lists which processes wait for it. */
async function waitersOf(client: Redis, namespace: string): Promise<number> {
  const leases = await client.keys(`${namespace}:*:l`)
  const fields = await Promise.all(leases.map(lease => client.hkeys(lease)))
  return fields.flat().filter(field => field.startsWith('w')).length
}

const frameworks: readonly (readonly [string, Mount])[] = [
  ['Fastify', fastify],
  ['Hono', hono],
  ['Koa', koa],
]

describe.each(frameworks)('%s over Redis', (_name, mount) => {
  adapterOverStoreSuite(mount, overRedis)
})
