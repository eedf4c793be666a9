export type Hear = (channel: string, message: Uint8Array) => void

/** The stores of this process that listen with one subscriber: whoever gives one may give it to several. */
export class Audience {
  static readonly #all = new WeakMap<object, Audience>()
  readonly #hears = new Map<string, Set<Hear>>()

  static of(subscriber: object): Audience {
    const audience = Audience.#all.get(subscriber) ?? new Audience()
    Audience.#all.set(subscriber, audience)
    return audience
  }

  get isEmpty(): boolean {
    return this.#hears.size === 0
  }

  /** To be called before a client is asked to subscribe. Returns the way to leave, which tells the channels that nobody is left to hear. */
  join(channels: readonly string[], hear: Hear): () => readonly string[] {
    for (const channel of channels) this.#hears.set(channel, new Set(this.#hears.get(channel)).add(hear))
    return () => channels.filter(channel => this.#leave(channel, hear))
  }

  /** Always the same function: a client that is given it again adds it but once. */
  readonly tell = (message: Uint8Array, channel: string | Uint8Array): void => {
    const name = String(channel)
    for (const hear of this.#hears.get(name) ?? []) hear(name, message)
  }

  #leave(channel: string, hear: Hear): boolean {
    const hears = this.#hears.get(channel)
    if (hears?.delete(hear) !== true || hears.size > 0) return false
    return this.#hears.delete(channel)
  }
}

/** Its owner may have ended the connection already: then nothing is heard any more, which is what was asked for. */
export async function quietly(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch {
    // Nor has it the right to unsubscribe everywhere.
  }
}
