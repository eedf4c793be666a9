import type { RedisPort } from '../port.ts'
import { argumentsOf } from './arguments.ts'

/** Replies as Buffers: `Decoder.Bytes`. */
const BYTES = 0

interface Message {
  readonly channel: string | Uint8Array
  readonly message: string | Uint8Array
}

/** A client of valkey-glide 2: `GlideClient` or `GlideClusterClient`; by shape only. */
interface Glide {
  customCommand(args: (string | Buffer)[], options: object): Promise<unknown>
}

interface GlideSubscriber extends Glide {
  subscribe(channels: readonly string[], timeout: number): Promise<void>
  unsubscribe(channels: readonly string[], timeout: number): Promise<void>
  getPubSubMessage(): Promise<Message>
}

/** How long, milliseconds, a subscription may take. */
const SUBSCRIPTION = 5_000

export function isGlide(client: object): client is Glide {
  return 'customCommand' in client && typeof client.customCommand === 'function'
}

/** Such a client cannot be duplicated: without one to listen with there are no messages, and the store asks again instead. */
export function glidePort(client: Glide, given: Glide | undefined): RedisPort {
  const port = new GlidePort(client)
  return given === undefined ? port : new ListeningGlidePort(client, given as GlideSubscriber)
}

class GlidePort implements RedisPort {
  readonly #client: Glide
  readonly #isCluster: boolean

  constructor(client: Glide) {
    this.#client = client
    this.#isCluster = client.constructor.name === 'GlideClusterClient'
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
    return this.#client.customCommand(argumentsOf(args), { decoder: BYTES, ...route })
  }
}

class ListeningGlidePort extends GlidePort {
  readonly #subscriber: GlideSubscriber
  #channels: readonly string[] = []
  #isClosed = false

  constructor(client: Glide, subscriber: GlideSubscriber) {
    super(client)
    this.#subscriber = subscriber
  }

  async subscribe(channels: readonly string[], on: (channel: string, message: Uint8Array) => void): Promise<void> {
    await this.#subscriber.subscribe(channels, SUBSCRIPTION)
    if (this.#channels.length === 0) void this.#listen(on)
    this.#channels = channels
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#channels.length > 0) await this.#subscriber.unsubscribe(this.#channels, SUBSCRIPTION).catch(() => {})
  }

  /** Until the subscriber, which is its owner's to close, is closed. */
  async #listen(on: (channel: string, message: Uint8Array) => void): Promise<void> {
    try {
      while (!this.#isClosed) {
        const { channel, message } = await this.#subscriber.getPubSubMessage()
        on(String(channel), typeof message === 'string' ? Buffer.from(message) : message)
      }
    } catch {
      // Closed, or one that gives its messages to a callback: what would have been heard is asked for.
    }
  }
}
