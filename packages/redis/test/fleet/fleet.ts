import { randomBytes } from 'node:crypto'
import { Tally } from '../../../conformance/src/gate.ts'
import { eventually } from '../../../conformance/src/real-time.ts'
import { RedisCluster } from '../../../conformance/src/redis/cluster.ts'
import type { RedisServer } from '../../../conformance/src/redis/server.ts'
import { TcpProxy } from '../../../conformance/src/tcp-proxy.ts'
import { Inside } from './inside.ts'
import type { Connection, WorkerOptions } from './protocol.ts'
import { type OutsideFetch, WorkerProcess } from './worker-process.ts'

/** What a process is started with. */
export interface WorkerAsked {
  readonly cache?: WorkerOptions['cache']
  readonly store?: WorkerOptions['store']
  readonly client?: Connection['client']
  /** The port to reach the server by; default: its own. */
  readonly port?: number
  /** The program that runs a process of its own; default: the one that runs the test. */
  readonly node?: string
}

/** Processes that share a server, and the fetches that they run outside. */
export class Fleet {
  readonly namespace: string = `t${randomBytes(6).toString('hex')}`
  readonly workers: WorkerProcess[] = []
  /** All fetches of all workers that run outside, in the order in which they began. */
  readonly fetches: OutsideFetch[] = []
  /** `fetch`, and `fetch` with the key. */
  readonly began: Tally = new Tally()
  readonly #server: RedisServer | RedisCluster
  readonly #asked: WorkerAsked
  readonly #insides: Inside[] = []
  readonly #proxies: TcpProxy[] = []

  constructor(server: RedisServer | RedisCluster, asked: WorkerAsked = {}) {
    this.#server = server
    this.#asked = asked
  }

  /** One more process. */
  async add(more: WorkerAsked = {}): Promise<WorkerProcess> {
    const worker = await WorkerProcess.start(this.#options(more), this.#onFetch, more.node)
    this.workers.push(worker)
    return worker
  }

  /** What is one to the server, in the process of the test. */
  async join(more: WorkerAsked = {}): Promise<Inside> {
    const inside = await Inside.start(this.#options(more), this.#onFetch)
    this.#insides.push(inside)
    return inside
  }

  joinAll(count: number, more: WorkerAsked = {}): Promise<Inside[]> {
    return Promise.all(Array.from({ length: count }, () => this.join(more)))
  }

  addAll(count: number, more: WorkerAsked = {}): Promise<WorkerProcess[]> {
    return Promise.all(Array.from({ length: count }, () => this.add(more)))
  }

  /** A line to the server that can be made bad: start processes with its `port`. */
  async proxy(): Promise<TcpProxy> {
    if (!('port' in this.#server)) throw new Error('a cluster is not reached by one line')
    const proxy = await TcpProxy.to(this.#server.port)
    this.#proxies.push(proxy)
    return proxy
  }

  /** The server knows all scripts from then on: nothing is sent twice for that, where replies are held. */
  async warm(): Promise<void> {
    const { cache, events } = await this.join()
    await cache.get('warm', () => 'made')
    await events.until('store', 1)
    await cache.set('warm', 'set')
    await cache.invalidateTags('warm')
    await cache.delete('warm')
    await cache.get('warm', () => Promise.reject(new Error('to load its script'))).catch(() => {})
  }

  /** The fetch that is the n-th to begin, from 1; waits until it does. */
  async fetch(n: number): Promise<OutsideFetch> {
    await this.began.until('fetch', n)
    const fetch = this.fetches[n - 1]
    if (fetch === undefined) throw new Error(`no fetch ${n}`)
    return fetch
  }

  /** Resolves once the server has it that so many processes wait for the work of another one. */
  async waiting(count: number): Promise<void> {
    const { nodes } = this.#server instanceof RedisCluster ? this.#server : { nodes: [this.#server] }
    await eventually(async () => {
      const waiting = await Promise.all(nodes.map(node => waitersOf(node, this.namespace)))
      return waiting.reduce((sum, its) => sum + its, 0) === count
    })
  }

  /** Ends all processes; fails where one of them had trouble. */
  async close(): Promise<void> {
    for (const proxy of this.#proxies) proxy.release()
    for (const fetch of this.fetches) fetch.answer({ value: 'too late' })
    const leaving = this.workers.map(worker => {
      worker.resume()
      return worker.close()
    })
    await Promise.all([...leaving, ...this.#insides.map(inside => inside.close())])
    await Promise.all(this.#proxies.map(proxy => proxy.close()))
    const troubles = this.workers.flatMap(worker => worker.troubles)
    if (troubles.length > 0) throw new Error(`in the processes: ${troubles.join('; ')}`)
  }

  readonly #onFetch = (fetch: OutsideFetch): void => {
    this.fetches.push(fetch)
    this.began.add('fetch')
    this.began.add(`fetch ${fetch.key}`)
  }

  #options(more: WorkerAsked): WorkerOptions {
    const { client = 'ioredis', port } = { ...this.#asked, ...more }
    const server = this.#server
    const ports = port !== undefined ? [port] : 'ports' in server ? server.ports : [server.port]
    return {
      connection: { client, ports, isCluster: port === undefined && 'ports' in server },
      cache: { ttl: 60_000, ...this.#asked.cache, ...more.cache },
      store: { namespace: this.namespace, ...CALM, ...this.#asked.store, ...more.store },
    }
  }
}

/** What a machine that is busy with other tests keeps to. Cases that are about these times set their own. */
const CALM = { commandTimeout: 5_000, leaseTtl: 20_000 }

/** Beside what it says of itself, a lease lists which processes wait for it. */
async function waitersOf(node: RedisServer, namespace: string): Promise<number> {
  const leases = await node.call('KEYS', `${namespace}:*:l`)
  if (!Array.isArray(leases)) return 0
  const fields = await Promise.all(leases.map(lease => node.call('HKEYS', String(lease))))
  return fields.flat().filter(field => String(field).startsWith('w')).length
}
