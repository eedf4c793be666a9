import { afterEach } from 'vitest'
import { RedisCluster, type RedisClusterOptions } from '../../../conformance/src/redis/cluster.ts'
import { RedisServer, type RedisServerOptions } from '../../../conformance/src/redis/server.ts'
import { awaitClientTimers } from '../client-timers.ts'
import { Fleet, type WorkerAsked } from './fleet.ts'

export interface Fleets {
  readonly start: (options?: RedisServerOptions) => Promise<RedisServer>
  readonly startCluster: (options?: RedisClusterOptions) => Promise<RedisCluster>
  /** Ends with the test. */
  readonly opened: <T extends { close(): Promise<void> }>(one: T) => T
  /** Over that server; else over one of its own. */
  readonly fleet: (asked?: WorkerAsked, server?: RedisServer | RedisCluster) => Promise<Fleet>
}

/** Servers and fleets of a test each; all end with it. */
export function useFleets(): Fleets {
  awaitClientTimers()
  const open: { close(): Promise<void> }[] = []
  const opened = <T extends { close(): Promise<void> }>(one: T): T => {
    open.push(one)
    return one
  }
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one.close()
  })
  const start: Fleets['start'] = async options => opened(await RedisServer.start(options))
  return {
    start,
    opened,
    startCluster: async options => opened(await RedisCluster.start(options)),
    fleet: async (asked, server) => opened(new Fleet(server ?? (await start()), asked)),
  }
}
