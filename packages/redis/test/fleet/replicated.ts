import { eventually } from '../../../conformance/src/real-time.ts'
import type { RedisServer } from '../../../conformance/src/redis/server.ts'
import { TcpProxy } from '../../../conformance/src/tcp-proxy.ts'
import type { Fleets } from './use-fleets.ts'

/** A master and its replica, with a line between them, and lines of their own to the clients. */
export interface Replicated {
  readonly master: RedisServer
  readonly replica: RedisServer
  /** From the replica to the master. */
  readonly link: TcpProxy
  /** To the master, and to whatever a failover makes of it: two, for two halves of the processes. */
  readonly fronts: readonly [TcpProxy, TcpProxy]
}

export async function startReplicated({ start, opened }: Fleets): Promise<Replicated> {
  const master = await start()
  const link = opened(await TcpProxy.to(master.port))
  const replica = await start({ config: { replicaof: `127.0.0.1 ${link.port}` } })
  const fronts = [opened(await TcpProxy.to(master.port)), opened(await TcpProxy.to(master.port))] as const
  await eventually(
    async () => String(await replica.call('INFO', 'replication')).includes('master_link_status:up'),
    30_000,
  )
  return { master, replica, link, fronts }
}

/** The clients find the other one at the same address. */
export function lead(front: TcpProxy, to: RedisServer): void {
  front.target = to.port
  front.cut()
}

/** Resolves once the replica has all that the master has. */
export function replicated({ master, replica }: Replicated): Promise<void> {
  return eventually(async () => {
    const offsets = await Promise.all([master, replica].map(offsetOf))
    return offsets[0] === offsets[1]
  })
}

async function offsetOf(server: RedisServer): Promise<string | undefined> {
  return /master_repl_offset:(\d+)/.exec(String(await server.call('INFO', 'replication')))?.[1]
}
