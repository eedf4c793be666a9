import type { SharedStore } from '@stampede/core'
import type { MountStores } from '@stampede/conformance'
import { afterAll, beforeAll } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { RedisServer } from '../../conformance/src/redis/server.ts'
import { type RedisStoreOptions, redisStore } from '../src/index.ts'

/** A client of a process, and the way to let go of it. */
export interface Connected {
  readonly options: Pick<RedisStoreOptions, 'client' | 'subscriber' | 'port'>
  close(): void | Promise<void>
}

export type Connect = (port: number) => Connected | Promise<Connected>

let namespaces = 0

/** Stores over a server of this file's own, each with a client that `connect` makes. */
export function mountOver(connect: Connect, options: Partial<RedisStoreOptions> = {}): MountStores {
  let server: RedisServer
  beforeAll(async () => {
    server = await RedisServer.start()
  })
  afterAll(() => server.close())
  return ({ lease }) => {
    namespaces += 1
    const own = `own${namespaces}`
    const clients: Connected[] = []
    return Promise.resolve({
      process: async (namespace = 'own'): Promise<SharedStore> => {
        const connected = await connect(server.port)
        clients.push(connected)
        const name = namespace === 'own' ? own : `other-${own}`
        // A machine that is busy with other tests may take its time: no case of the suite is about that.
        return redisStore({ timeout: 2_000, ...options, ...connected.options, namespace: name, lease })
      },
      until: eventually,
      now: () => performance.now(),
      close: async () => {
        await Promise.all(clients.map(client => client.close()))
      },
    })
  }
}
