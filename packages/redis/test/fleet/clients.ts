import { Cluster, Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient, createCluster } from 'redis'
import type { Connection } from './protocol.ts'

export interface Connected {
  readonly client: object
  end(): void
}

/** A client as users have it, with what it does by default. It connects by itself, and again. */
export async function connect({ client, ports, isCluster }: Connection): Promise<Connected> {
  const nodes = ports.map(port => ({ host: '127.0.0.1', port }))
  const [node = { host: '127.0.0.1', port: 0 }] = nodes
  if (client === 'node-redis') return nodeRedis(nodes, isCluster)
  const made = client === 'iovalkey' ? new Valkey(node) : isCluster ? new Cluster(nodes) : new Redis(node)
  // Without a listener it writes to the console.
  made.on('error', () => {})
  return { client: made, end: () => made.disconnect() }
}

async function nodeRedis(nodes: readonly { host: string; port: number }[], isCluster: boolean): Promise<Connected> {
  const sockets = nodes.map(socket => ({ socket }))
  const made = isCluster ? createCluster({ rootNodes: sockets }) : createClient(sockets[0])
  made.on('error', () => {})
  await made.connect()
  return { client: made, end: () => made.destroy() }
}
