import { randomBytes } from 'node:crypto'
import type { MountStores } from '@stampede/conformance'
import type { SharedStore } from '@stampede/core'
import { afterAll, beforeAll } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { RedisCluster } from '../../conformance/src/redis/cluster.ts'
import { sharedServer } from '../../conformance/src/redis/shared-server.ts'
import { type RedisStoreOptions, redisStore } from '../src/index.ts'
import { awaitClientTimers } from './client-timers.ts'
import { startSentinel } from './sentinel.ts'

/** A client of a process, and the way to let go of it. */
interface Connected {
  readonly options: Pick<RedisStoreOptions, 'client' | 'subscriber' | 'driver'>
  close(): unknown
}

type Connect = (port: number) => Connected | Promise<Connected>

interface Servers {
  readonly port: number
  close(): Promise<void>
}

/** Stores over a server, each with a client that `connect` makes. */
export function mountOver(connect: Connect, options: Partial<RedisStoreOptions> = {}): MountStores {
  return mounting(sharedServer, connect, options)
}

/** The same over a cluster; `connect` gets the port of one of its nodes. */
export function mountOverCluster(connect: Connect): MountStores {
  return mounting(
    async () => {
      const cluster = await RedisCluster.start()
      return { port: cluster.ports[0] ?? 0, close: () => cluster.close() }
    },
    connect,
    {},
  )
}

/** The same over a master behind a Sentinel; `connect` gets the Sentinel's port. */
export function mountOverSentinel(connect: Connect): MountStores {
  return mounting(startSentinel, connect, {})
}

function mounting(start: () => Promise<Servers>, connect: Connect, options: Partial<RedisStoreOptions>): MountStores {
  let servers: Servers
  awaitClientTimers()
  beforeAll(async () => {
    servers = await start()
  }, 60_000)
  afterAll(async () => {
    await servers.close()
  })
  return ({ lease }) => {
    // The server may be another one's too.
    const own = randomBytes(6).toString('hex')
    const clients: Connected[] = []
    return Promise.resolve({
      process: async (namespace = 'own'): Promise<SharedStore> => {
        const connected = await connect(servers.port)
        clients.push(connected)
        const name = namespace === 'own' ? own : `other-${own}`
        // A machine that is busy with other tests may take its time, a message too: no case of the suite is about that.
        return redisStore({
          commandTimeout: 10_000,
          pollInterval: 2_000,
          ...options,
          ...connected.options,
          namespace: name,
          leaseTtl: lease,
        })
      },
      until: eventually,
      now: () => performance.now(),
      close: async () => {
        await Promise.all(clients.map(async client => client.close()))
      },
    })
  }
}
