export type MessageListener = (channel: string, message: Uint8Array) => void
type Unsubscribe = (channels: readonly string[]) => Promise<unknown>

/** The stores of this process that share one subscriber. */
export class SubscriptionMultiplexer {
  static readonly #all = new WeakMap<object, SubscriptionMultiplexer>()
  readonly #listeners = new Map<string, Set<MessageListener>>()
  #line: Promise<unknown> = Promise.resolve()

  static of(subscriber: object): SubscriptionMultiplexer {
    const audience = SubscriptionMultiplexer.#all.get(subscriber) ?? new SubscriptionMultiplexer()
    SubscriptionMultiplexer.#all.set(subscriber, audience)
    return audience
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0
  }

  /**
   * Call it before the client subscribes. Returns the function that leaves, and unsubscribes from channels without
   * other listeners.
   */
  join(channels: readonly string[], hear: MessageListener, unsubscribe: Unsubscribe): () => void {
    for (const channel of channels) this.#listeners.set(channel, new Set(this.#listeners.get(channel)).add(hear))
    return () => {
      for (const channel of channels) this.#drop(channel, hear)
      void quietly(() => this.inTurn(() => this.#unsubscribe(channels, unsubscribe)))
    }
  }

  /**
   * After all earlier commands of the client: while it connects, ioredis sends new commands before earlier ones, and
   * would subscribe after it has unsubscribed.
   */
  inTurn(ask: () => Promise<unknown>): Promise<unknown> {
    const done = this.#line.then(ask)
    this.#line = quietly(() => done)
    return done
  }

  /** Always the same function: a client that gets it again adds it only once. */
  readonly deliver = (message: Uint8Array, channel: string | Uint8Array): void => {
    const name = String(channel)
    for (const hear of this.#listeners.get(name) ?? []) hear(name, message)
  }

  #drop(channel: string, hear: MessageListener): void {
    const hears = this.#listeners.get(channel)
    hears?.delete(hear)
    if (hears?.size === 0) this.#listeners.delete(channel)
  }

  async #unsubscribe(channels: readonly string[], unsubscribe: Unsubscribe): Promise<void> {
    const left = channels.filter(channel => !this.#listeners.has(channel))
    if (left.length > 0) await unsubscribe(left)
  }
}

/** The owner may have closed the connection already, which also ends the subscription. */
export async function quietly(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch {
    // Some users have no right to unsubscribe.
  }
}
