import type { RedisDriver } from '../protocol/driver.ts'
import { argumentsOf } from './arguments.ts'
import { Semaphore } from '../base/semaphore.ts'
import { SubscriptionMultiplexer, type MessageListener } from './subscription-multiplexer.ts'

/** Replies as Buffers: `Decoder.Bytes`. */
const BYTES = 0

const CLUSTER = 'GlideClusterClient'

interface Message {
  readonly channel: string | Uint8Array
  readonly message: string | Uint8Array
}

/** A client of valkey-glide 2, by its shape: `GlideClient` or `GlideClusterClient`. */
interface Glide {
  customCommand(args: (string | Buffer)[], options: object): Promise<unknown>
  readonly config?: { readonly readFrom?: string | undefined; readonly clientSideCache?: unknown } | undefined
}

interface GlideSubscriber extends Glide {
  subscribe(channels: readonly string[], timeout: number): Promise<void>
  unsubscribe(channels: readonly string[], timeout: number): Promise<void>
  getPubSubMessage(): Promise<Message>
}

/** Maximum number of commands in progress: the client allows 1000 for all of its users. */
const MOST_AT_ONCE = 500
/** How long a subscription may take, milliseconds. */
const SUBSCRIPTION = 5_000

export function isGlide(client: object): client is Glide {
  return 'customCommand' in client && typeof client.customCommand === 'function'
}

/** In a cluster, each command is routed to the primary; without a cluster there is no such route. */
export function readsFromReplicas(client: Glide): boolean {
  const { readFrom = 'primary' } = client.config ?? {}
  return client.constructor.name !== CLUSTER && readFrom !== 'primary'
}

/** Such a client answers reads from its own cache, even after this process has changed the key. */
export function hasCache(client: Glide): boolean {
  return client.config?.clientSideCache !== undefined
}

/** Such a client cannot be duplicated: without a subscriber there are no messages, and the store polls. */
export function glideDriver(client: Glide, given: Glide | undefined): RedisDriver {
  const driver = new GlideDriver(client)
  return given === undefined ? driver : new ListeningGlideDriver(client, given as GlideSubscriber)
}

class GlideDriver implements RedisDriver {
  readonly #client: Glide
  readonly #isCluster: boolean
  readonly #turnstile: Semaphore

  constructor(client: Glide) {
    this.#client = client
    this.#turnstile = turnstileOf(client)
    this.#isCluster = client.constructor.name === CLUSTER
  }

  get isOneNode(): boolean {
    return !this.#isCluster
  }

  /** It connects by itself, without an event. */
  ready(): boolean {
    return true
  }

  call(args: readonly (string | Uint8Array)[], key?: string): Promise<unknown> {
    const route = this.#isCluster && key !== undefined ? { route: { type: 'primarySlotKey', key } } : {}
    return this.#turnstile.pass(() => this.#client.customCommand(argumentsOf(args), { decoder: BYTES, ...route }))
  }
}

const turnstiles = new WeakMap<Glide, Semaphore>()

/** One semaphore for all stores with that client. */
function turnstileOf(client: Glide): Semaphore {
  const turnstile = turnstiles.get(client) ?? new Semaphore(MOST_AT_ONCE)
  turnstiles.set(client, turnstile)
  return turnstile
}

class ListeningGlideDriver extends GlideDriver {
  readonly #subscriber: GlideSubscriber
  #leave: (() => void) | undefined
  #isClosed = false

  constructor(client: Glide, subscriber: GlideSubscriber) {
    super(client)
    this.#subscriber = subscriber
  }

  async subscribe(channels: readonly string[], on: MessageListener): Promise<void> {
    if (this.#isClosed) return
    this.#leave ??= this.#join(channels, on)
    await SubscriptionMultiplexer.of(this.#subscriber).inTurn(async () => {
      if (!this.#isClosed) await this.#subscriber.subscribe(channels, SUBSCRIPTION)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const leave = this.#leave
    this.#leave = undefined
    leave?.()
  }

  /** Subscribes once, however often it is attempted. The client retries by itself, until it unsubscribes. */
  #join(channels: readonly string[], on: MessageListener): () => void {
    const subscriber = this.#subscriber
    const leave = SubscriptionMultiplexer.of(subscriber).join(channels, on, left =>
      subscriber.unsubscribe(left, SUBSCRIPTION),
    )
    void listen(subscriber)
    return leave
  }
}

const listening = new WeakSet<GlideSubscriber>()

/**
 * Each message is delivered to one reader, and a read cannot be cancelled: one reader serves all stores with that
 * subscriber, until they have closed or its owner has closed it.
 */
async function listen(subscriber: GlideSubscriber): Promise<void> {
  if (listening.has(subscriber)) return
  listening.add(subscriber)
  const audience = SubscriptionMultiplexer.of(subscriber)
  try {
    while (!audience.isEmpty) {
      const { channel, message } = await subscriber.getPubSubMessage()
      audience.deliver(typeof message === 'string' ? Buffer.from(message) : message, channel)
    }
  } catch {
    // Closed, or it delivers messages to a callback: the store polls for what it misses.
  }
  listening.delete(subscriber)
}
