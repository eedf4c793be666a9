import type { RedisDriver } from '../protocol/driver.ts'
import { argumentsOf } from './arguments.ts'
import { SubscriptionMultiplexer, type MessageListener, quietly } from './subscription-multiplexer.ts'
import { type Emitting, ListenerSet } from './listeners.ts'
import { OwnConnection } from './own-connection.ts'

/** Bulk strings (`$` in the protocol) as Buffers. */
const BINARY = { typeMapping: { 36: Buffer } }

type Args = readonly (string | Buffer)[]
type Deliver = SubscriptionMultiplexer['deliver']

/**
 * What all clients of node-redis 5 and 6 have, by shape: `createClient`, `createCluster`, `createSentinel`,
 * `createClientPool`.
 */
interface NodeRedis extends Emitting {
  readonly isOpen: boolean
  /** Absent in a pool, and in a cluster of early versions. */
  readonly isReady?: boolean
}

interface SingleClient extends NodeRedis {
  sendCommand(args: Args, options: object): Promise<unknown>
  duplicate(): Subscriber
}

interface Pool extends NodeRedis {
  sendCommand(args: Args, options: object): Promise<unknown>
  execute(task: (client: SingleClient) => Subscriber): Promise<Subscriber>
}

interface Sentinel extends Subscriber {
  sendCommand(isReadonly: boolean, args: Args, options: object): Promise<unknown>
}

interface Cluster extends Subscriber {
  sendCommand(key: string | undefined, isReadonly: boolean, args: Args, options: object): Promise<unknown>
}

interface Subscriber extends NodeRedis {
  connect(): Promise<unknown>
  subscribe(channels: readonly string[], tell: Deliver, isBinary: true): Promise<unknown>
  unsubscribe(channels: readonly string[], tell: Deliver, isBinary: true): Promise<unknown>
  destroy(): void
}

export function isNodeRedis(client: object): client is NodeRedis {
  return 'sendCommand' in client && typeof client.sendCommand === 'function' && 'isOpen' in client
}

export function nodeRedisDriver(client: NodeRedis, given: NodeRedis | undefined): RedisDriver {
  return new NodeRedisDriver(client, given as Subscriber | undefined)
}

class NodeRedisDriver implements RedisDriver {
  readonly #client: NodeRedis
  readonly #given: Subscriber | undefined
  readonly #send: (args: Args, key: string | undefined) => Promise<unknown>
  readonly #listeners = new ListenerSet()
  #subscriber: Subscriber | undefined
  /** The connection that the store opens and closes; a pool must first provide a client for it. */
  #own: Promise<OwnConnection<Subscriber>> | undefined
  #leave: (() => void) | undefined
  #isClosed = false

  constructor(client: NodeRedis, given: Subscriber | undefined) {
    this.#client = client
    this.#given = given
    this.#send = sending(client)
  }

  get isOneNode(): boolean {
    return !isCluster(this.#client)
  }

  ready(): boolean {
    return isReady(this.#client)
  }

  call(args: readonly (string | Uint8Array)[], key?: string): Promise<unknown> {
    return this.#send(argumentsOf(args), key)
  }

  async subscribe(channels: readonly string[], on: MessageListener): Promise<void> {
    const subscriber = this.#isClosed ? undefined : (this.#given ?? (await this.#listening()))
    if (subscriber === undefined || this.#isClosed) return
    this.#subscriber = subscriber
    const audience = SubscriptionMultiplexer.of(subscriber)
    this.#leave ??= audience.join(channels, on, left => subscriber.unsubscribe(left, audience.deliver, true))
    await audience.inTurn(async () => {
      if (!this.#isClosed) await subscriber.subscribe(channels, audience.deliver, true)
    })
  }

  subReady(): boolean {
    return this.#subscriber !== undefined && isReady(this.#subscriber)
  }

  onReady(listener: () => void): () => void {
    const offs = ['ready', 'node-ready'].map(event => this.#listeners.add(this.#client, event, listener))
    return () => offs.forEach(off => off())
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#listeners.clear()
    if (this.#own === undefined) this.#leave?.()
    else void quietly(async () => (await this.#own)?.end())
  }

  /** A cluster and a Sentinel have a connection for this; a client needs a second one. */
  async #listening(): Promise<Subscriber | undefined> {
    if (isCluster(this.#client) || isSentinel(this.#client)) return this.#client
    this.#own ??= ownOf(this.#client as SingleClient | Pool)
    const own = await this.#own.catch((error: unknown) => {
      this.#own = undefined
      throw error
    })
    return this.#isClosed ? undefined : own.open()
  }
}

async function ownOf(client: SingleClient | Pool): Promise<OwnConnection<Subscriber>> {
  return new OwnConnection(await duplicateOf(client))
}

function duplicateOf(client: SingleClient | Pool): Subscriber | Promise<Subscriber> {
  return 'execute' in client ? client.execute(one => one.duplicate()) : client.duplicate()
}

function sending(client: NodeRedis): (args: Args, key: string | undefined) => Promise<unknown> {
  if (isCluster(client)) return (args, key) => client.sendCommand(key, false, args, BINARY)
  if (isSentinel(client)) return args => client.sendCommand(false, args, BINARY)
  return args => (client as SingleClient | Pool).sendCommand(args, BINARY)
}

function isReady({ isOpen, isReady: ready }: NodeRedis): boolean {
  return ready ?? isOpen
}

function isCluster(client: NodeRedis): client is Cluster {
  return 'masters' in client && 'slots' in client
}

function isSentinel(client: NodeRedis): client is Sentinel {
  return 'getMasterNode' in client || 'getSentinelNode' in client
}
