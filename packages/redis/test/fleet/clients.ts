import type { Connection } from './protocol.ts'

export interface Connected {
  readonly client: object
  end(): void
}

interface Node {
  readonly host: string
  readonly port: number
}

/** A client as users have it, with what it does by default. It connects by itself, and again. Only its own package is loaded: it takes as long as all else. */
export async function connect({ client, ports, isCluster }: Connection): Promise<Connected> {
  const nodes = ports.map(port => ({ host: '127.0.0.1', port }))
  const [node = { host: '127.0.0.1', port: 0 }] = nodes
  if (client === 'node-redis') return nodeRedis(nodes, isCluster)
  if (client === 'iovalkey') {
    const { Redis } = await import('./clients/iovalkey.ts')
    return quiet(new Redis(node))
  }
  const { Cluster, Redis } = await import('./clients/ioredis.ts')
  return quiet(isCluster ? new Cluster(nodes) : new Redis(node))
}

interface Quietable {
  on(event: 'error', listener: () => void): unknown
  disconnect(): void
}

/** Without a listener it writes to the console. */
function quiet(client: Quietable): Connected {
  client.on('error', () => {})
  return { client, end: () => client.disconnect() }
}

async function nodeRedis(nodes: readonly Node[], isCluster: boolean): Promise<Connected> {
  const { createClient, createCluster } = await import('./clients/node-redis.ts')
  const sockets = nodes.map(socket => ({ socket }))
  const client = isCluster ? createCluster({ rootNodes: sockets }) : createClient(sockets[0])
  client.on('error', () => {})
  await client.connect()
  return { client, end: () => client.destroy() }
}
