export type MessageListener = (channel: string, message: Uint8Array) => void
type Unsubscribe = (channels: readonly string[]) => Promise<unknown>

/** The stores of this process that listen with one subscriber: whoever gives one may give it to several. */
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

  /** To be called before the client is asked to subscribe. Returns the way to leave, which unsubscribes from what nobody else hears. */
  join(channels: readonly string[], hear: MessageListener, unsubscribe: Unsubscribe): () => void {
    for (const channel of channels) this.#listeners.set(channel, new Set(this.#listeners.get(channel)).add(hear))
    return () => {
      for (const channel of channels) this.#drop(channel, hear)
      void quietly(() => this.inTurn(() => this.#unsubscribe(channels, unsubscribe)))
    }
  }

  /**
   * Once all that was asked of the client before is done: ioredis sends what comes while it connects before what it was
   * asked for earlier, and would subscribe after it has unsubscribed.
   */
  inTurn(ask: () => Promise<unknown>): Promise<unknown> {
    const done = this.#line.then(ask)
    this.#line = quietly(() => done)
    return done
  }

  /** Always the same function: a client that is given it again adds it but once. */
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

/** Its owner may have ended the connection already: then nothing is heard any more, which is what was asked for. */
export async function quietly(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch {
    // Nor has everybody the right to unsubscribe.
  }
}
