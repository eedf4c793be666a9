import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { Tally } from '../../../conformance/src/gate.ts'
import type { RedisCluster } from '../../../conformance/src/redis/cluster.ts'
import { type RedisServer } from '../../../conformance/src/redis/server.ts'
import { TcpProxy } from '../../../conformance/src/tcp-proxy.ts'
import type { Connection, WorkerOptions } from './protocol.ts'
import { type OutsideFetch, WorkerProcess } from './worker-process.ts'

export interface WorkerAsked {
  readonly cache?: WorkerOptions['cache']
  readonly store?: WorkerOptions['store']
  readonly client?: Connection['client']
  /** The port to reach the server by; default: its own. */
  readonly port?: number
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
  readonly #proxies: TcpProxy[] = []

  constructor(server: RedisServer | RedisCluster, asked: WorkerAsked = {}) {
    this.#server = server
    this.#asked = asked
  }

  /** One more process. */
  async add(more: WorkerAsked = {}): Promise<WorkerProcess> {
    const { cache, store, client = 'ioredis', port } = { ...this.#asked, ...more }
    const server = this.#server
    const ports = port !== undefined ? [port] : 'ports' in server ? server.ports : [server.port]
    const worker = await WorkerProcess.start(
      {
        connection: { client, ports, isCluster: 'ports' in server },
        cache: { ttl: 60_000, ...cache },
        store: { namespace: this.namespace, ...store },
      },
      fetch => {
        this.fetches.push(fetch)
        this.began.add('fetch')
        this.began.add(`fetch ${fetch.key}`)
      },
    )
    this.workers.push(worker)
    return worker
  }

  addAll(count: number, more: WorkerAsked = {}): Promise<WorkerProcess[]> {
    return Promise.all(Array.from({ length: count }, () => this.add(more)))
  }

  /** A process behind a line of its own. */
  async addBehindProxy(more: WorkerAsked = {}): Promise<{ readonly worker: WorkerProcess; readonly proxy: TcpProxy }> {
    if (!('port' in this.#server)) throw new Error('a cluster is not reached by one line')
    const proxy = await TcpProxy.to(this.#server.port)
    this.#proxies.push(proxy)
    return { worker: await this.add({ ...more, port: proxy.port }), proxy }
  }

  /** The fetch that is the n-th to begin, from 1; waits until it does. */
  async fetch(n: number): Promise<OutsideFetch> {
    await this.began.until('fetch', n)
    const fetch = this.fetches[n - 1]
    if (fetch === undefined) throw new Error(`no fetch ${n}`)
    return fetch
  }

  /** Ends all processes; fails where one of them had trouble. */
  async close(): Promise<void> {
    for (const proxy of this.#proxies) proxy.release()
    for (const { fetches } of this.workers) for (const fetch of fetches) fetch.answer({ value: 'too late' })
    await Promise.all(
      this.workers.map(worker => {
        worker.resume()
        return worker.close()
      }),
    )
    await Promise.all(this.#proxies.map(proxy => proxy.close()))
    expect(this.workers.flatMap(({ troubles }) => troubles)).toEqual([])
  }
}
