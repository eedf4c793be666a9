import type { RedisDriver } from '../protocol/driver.ts'
import { argumentsOf } from './arguments.ts'
import { SubscriptionMultiplexer, type MessageListener } from './subscription-multiplexer.ts'
import { type Emitting, ListenerSet } from './listeners.ts'

/** A client of ioredis 5 or 6, or of iovalkey, by its shape: standalone, Sentinel or Cluster. */
export interface IoredisLike extends Emitting {
  readonly status: string
  readonly isCluster?: boolean
  readonly options?: { readonly enableAutoPipelining?: boolean | undefined }
  callBuffer(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>
  pipeline(): Pipeline
  duplicate(): unknown
}

interface Pipeline {
  callBuffer(command: string, ...args: (string | Buffer | number)[]): Pipeline
  exec(): Promise<readonly (readonly [error: Error | null, reply: unknown])[] | null>
}

interface IoredisSubscriber extends IoredisLike {
  connect(): Promise<unknown>
  subscribe(...channels: string[]): Promise<unknown>
  unsubscribe(...channels: string[]): Promise<unknown>
  disconnect(): void
}

interface Standalone {
  duplicate(options: { readonly autoResubscribe: boolean }): unknown
}

export function isIoredis(client: object): client is IoredisLike {
  return 'callBuffer' in client && typeof client.callBuffer === 'function' && 'status' in client
}

export function ioredisDriver(client: IoredisLike, given: IoredisLike | undefined): RedisDriver {
  return new IoredisDriver(client, given as IoredisSubscriber | undefined)
}

/** With `enableAutoPipelining`, the client's own `callBuffer` throws where nothing can catch it. */
async function piped(pipeline: Pipeline): Promise<unknown> {
  const [[error, reply] = [null, undefined]] = (await pipeline.exec()) ?? []
  if (error !== null) throw error
  return reply
}

class IoredisDriver implements RedisDriver {
  readonly #client: IoredisLike
  readonly #given: IoredisSubscriber | undefined
  #subscriber: IoredisSubscriber | undefined
  readonly #listeners = new ListenerSet()
  #leave: () => void = () => {}
  #isClosed = false

  constructor(client: IoredisLike, given: IoredisSubscriber | undefined) {
    this.#client = client
    this.#given = given
  }

  get isOneNode(): boolean {
    return this.#client.isCluster === false
  }

  ready(): boolean {
    // A lazy client connects with its first command.
    return this.#client.status === 'ready' || this.#client.status === 'wait'
  }

  call([command = '', ...args]: readonly (string | Uint8Array)[]): Promise<unknown> {
    const its = argumentsOf(args)
    return this.#client.options?.enableAutoPipelining === true
      ? piped(this.#client.pipeline().callBuffer(String(command), ...its))
      : this.#client.callBuffer(String(command), ...its)
  }

  async subscribe(channels: readonly string[], on: MessageListener): Promise<void> {
    if (this.#isClosed) return
    const subscriber = this.#subscriber ?? this.#listenWith(this.#given ?? this.#duplicate(), channels, on)
    if (subscriber.status === 'wait') await subscriber.connect()
    await SubscriptionMultiplexer.of(subscriber).inTurn(async () => {
      if (!this.#isClosed) await subscriber.subscribe(...channels)
    })
  }

  /** Subscribes once, however often it is attempted. */
  #listenWith(subscriber: IoredisSubscriber, channels: readonly string[], on: MessageListener): IoredisSubscriber {
    this.#subscriber = subscriber
    this.#listeners.add(subscriber, 'messageBuffer', (channel: unknown, message: unknown) => {
      const name = String(channel)
      if (message instanceof Uint8Array && channels.includes(name)) on(name, message)
    })
    if (subscriber === this.#given) {
      this.#leave = SubscriptionMultiplexer.of(subscriber).join(channels, on, left => subscriber.unsubscribe(...left))
    } else if (this.isOneNode) this.#subscribeAgain(subscriber, channels)
    return subscriber
  }

  /** The client does this too, without handling a failure: closing it at that moment would end the process. */
  #subscribeAgain(subscriber: IoredisSubscriber, channels: readonly string[]): void {
    this.#listeners.add(subscriber, 'ready', () => void subscriber.subscribe(...channels).catch(() => {}))
  }

  #duplicate(): IoredisSubscriber {
    const subscriber = (
      this.isOneNode
        ? (this.#client as unknown as Standalone).duplicate({ autoResubscribe: false })
        : this.#client.duplicate()
    ) as IoredisSubscriber
    // Without a listener the client writes its errors to the console, also after it was closed.
    subscriber.on('error', () => {})
    return subscriber
  }

  subReady(): boolean {
    return this.#subscriber?.status === 'ready'
  }

  onReady(listener: () => void): () => void {
    return this.#listeners.add(this.#client, 'ready', listener)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#listeners.clear()
    if (this.#subscriber !== this.#given) this.#subscriber?.disconnect()
    this.#leave()
  }
}
