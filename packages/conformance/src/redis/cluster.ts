import { eventually } from '../real-time.ts'
import type { Flavor } from './binaries.mjs'
import { RedisServer } from './server.ts'

const SLOTS = 16_384

export interface RedisClusterOptions {
  readonly flavor?: Flavor
  /** Default: 3. */
  readonly masters?: number
  /** Of each master. Default: none. */
  readonly replicas?: number
  readonly config?: Readonly<Record<string, string>>
}

/** A cluster of masters that share all slots, and replicas if asked for. */
export class RedisCluster {
  readonly masters: readonly RedisServer[]
  readonly replicas: readonly RedisServer[]

  private constructor(masters: readonly RedisServer[], replicas: readonly RedisServer[]) {
    this.masters = masters
    this.replicas = replicas
  }

  static async start({
    masters = 3,
    replicas = 0,
    config = {},
    flavor,
  }: RedisClusterOptions = {}): Promise<RedisCluster> {
    const nodes = await Promise.all(
      Array.from({ length: masters * (1 + replicas) }, async () => {
        const more = {
          'cluster-enabled': 'yes',
          'cluster-node-timeout': '2000',
        }
        return RedisServer.start({ ...(flavor && { flavor }), config: { ...more, ...config } })
      }),
    )
    const cluster = new RedisCluster(nodes.slice(0, masters), nodes.slice(masters))
    await cluster.#form()
    return cluster
  }

  get nodes(): readonly RedisServer[] {
    return [...this.masters, ...this.replicas]
  }

  get ports(): readonly number[] {
    return this.nodes.map(({ port }) => port)
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map(node => node.close()))
  }

  async #form(): Promise<void> {
    const [first, ...others] = this.nodes
    if (!first) throw new Error('a cluster has nodes')
    // Nodes with the same epoch find out later and raise it: at any moment, as after a failover.
    for (const [index, master] of this.masters.entries()) await master.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
    for (const node of others) await node.call('CLUSTER', 'MEET', '127.0.0.1', first.port, await busPort(first))
    await this.#assign()
    await eventually(async () =>
      (await this.#everywhere('cluster_known_nodes')).every(known => known === this.nodes.length),
    )
    for (const [index, replica] of this.replicas.entries()) {
      const master = this.masters[index % this.masters.length]
      if (master) await replica.call('CLUSTER', 'REPLICATE', String(await master.call('CLUSTER', 'MYID')))
    }
    const isFormed = async (): Promise<boolean> => {
      const states = await Promise.all(this.nodes.map(async node => String(await node.call('CLUSTER', 'INFO'))))
      return states.every(state => state.includes('cluster_state:ok'))
    }
    await eventually(isFormed, 30_000)
  }

  async #assign(): Promise<void> {
    const share = SLOTS / this.masters.length
    for (const [index, master] of this.masters.entries()) {
      const [from, to] = [Math.round(index * share), Math.round((index + 1) * share) - 1]
      await master.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
    }
  }

  #everywhere(field: string): Promise<readonly number[]> {
    return Promise.all(
      this.nodes.map(async node => {
        const info = String(await node.call('CLUSTER', 'INFO'))
        return Number(new RegExp(`${field}:(\\d+)`).exec(info)?.[1])
      }),
    )
  }
}

/** Not 10 000 over the port: that may be no port. */
async function busPort(node: RedisServer): Promise<number> {
  const reply = await node.call('CONFIG', 'GET', 'cluster-port')
  return Number(Array.isArray(reply) ? reply[1] : Number.NaN)
}
