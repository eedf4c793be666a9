import { elapse, eventually } from '../../../conformance/src/real-time.ts'
import type { RedisCluster } from '../../../conformance/src/redis/cluster.ts'
import type { RedisServer } from '../../../conformance/src/redis/server.ts'

/** In which the nodes have told each other who has what, milliseconds. */
const GOSSIP = 100

interface Node {
  readonly server: RedisServer
  readonly id: string
}

/** Moves the slot of a key from the master that has it to the next one, as `redis-cli --cluster reshard` does. */
export async function moveSlot(cluster: RedisCluster, key: string): Promise<void> {
  const nodes = await Promise.all(cluster.masters.map(nodeOf))
  const [any] = nodes
  if (any === undefined) throw new Error('a cluster has masters')
  const slot = Number(await any.server.call('CLUSTER', 'KEYSLOT', key))
  const from = ownerOf(String(await any.server.call('CLUSTER', 'NODES')), slot, nodes)
  if (from === undefined) throw new Error(`nobody has slot ${slot}`)
  const to = nodes[(nodes.indexOf(from) + 1) % nodes.length] ?? any
  await to.server.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id)
  await from.server.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id)
  await migrate(from.server, to.server, slot)
  // Word of the old owner's claim may reach the new one in between, and undo what it was told.
  const isMoved = async (): Promise<boolean> => {
    for (const { server } of nodes) await server.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
    await elapse(GOSSIP)
    const views = await Promise.all(nodes.map(({ server }) => server.call('CLUSTER', 'NODES')))
    return views.every(view => ownerOf(String(view), slot, nodes)?.id === to.id)
  }
  await eventually(isMoved)
}

async function nodeOf(server: RedisServer): Promise<Node> {
  return { server, id: String(await server.call('CLUSTER', 'MYID')) }
}

async function migrate(from: RedisServer, to: RedisServer, slot: number): Promise<void> {
  for (;;) {
    const keys = await from.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)
    if (!Array.isArray(keys) || keys.length === 0) return
    await from.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys.map(String))
  }
}

function ownerOf(listed: string, slot: number, nodes: readonly Node[]): Node | undefined {
  const line = listed.split('\n').find(node => rangesOf(node).some(range => holds(range, slot)))
  return nodes.find(({ id }) => line?.startsWith(id))
}

function rangesOf(line: string): readonly string[] {
  return line.split(' ').slice(8)
}

function holds(range: string, slot: number): boolean {
  const [from = Number.NaN, to = from] = range.split('-').map(Number)
  return from <= slot && slot <= to
}
