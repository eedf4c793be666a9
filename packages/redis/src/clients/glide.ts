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

/** A client of valkey-glide 2: `GlideClient` or `GlideClusterClient`; by shape only. */
interface Glide {
  customCommand(args: (string | Buffer)[], options: object): Promise<unknown>
  readonly config?: { readonly readFrom?: string | undefined; readonly clientSideCache?: unknown } | undefined
}

interface GlideSubscriber extends Glide {
  subscribe(channels: readonly string[], timeout: number): Promise<void>
  unsubscribe(channels: readonly string[], timeout: number): Promise<void>
  getPubSubMessage(): Promise<Message>
}

/** Commands that are under way at once, at most: the client takes 1000, for all who use it. */
const MOST_AT_ONCE = 500
/** How long, milliseconds, a subscription may take. */
const SUBSCRIPTION = 5_000

export function isGlide(client: object): client is Glide {
  return 'customCommand' in client && typeof client.customCommand === 'function'
}

/** Of a cluster each command says that it goes to the primary; without one there is no way to say it. */
export function readsFromReplicas(client: Glide): boolean {
  const { readFrom = 'primary' } = client.config ?? {}
  return client.constructor.name !== CLUSTER && readFrom !== 'primary'
}

/** It answers by itself what was read before, also after this process has changed it. */
export function hasCache(client: Glide): boolean {
  return client.config?.clientSideCache !== undefined
}

/** Such a client cannot be duplicated: without one to listen with there are no messages, and the store asks again instead. */
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

  /** It connects by itself, and says nothing of it. */
  ready(): boolean {
    return true
  }

  call(args: readonly (string | Uint8Array)[], key?: string): Promise<unknown> {
    const route = this.#isCluster && key !== undefined ? { route: { type: 'primarySlotKey', key } } : {}
    return this.#turnstile.pass(() => this.#client.customCommand(argumentsOf(args), { decoder: BYTES, ...route }))
  }
}

const turnstiles = new WeakMap<Glide, Semaphore>()

/** One for all stores with that client. */
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

  /** Once, however often it is tried to subscribe. The client goes on trying where that failed, until it unsubscribes. */
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
 * Each message goes to one that asks for it, and who asks cannot take that back: one asks for all stores with that
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
    // Closed, or one that gives its messages to a callback: what would have been heard is asked for.
  }
  listening.delete(subscriber)
}
