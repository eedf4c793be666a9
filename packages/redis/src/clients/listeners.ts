/** What tells of events in Node's way. */
export interface Emitting {
  on(event: string, listener: (...args: unknown[]) => void): unknown
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown
}

/** Listeners of ours on clients of others, to be taken off again. */
export class ListenerSet {
  readonly #offs = new Set<() => void>()

  add(emitter: Emitting, event: string, listener: (...args: unknown[]) => void): () => void {
    const off = (): void => {
      emitter.removeListener(event, listener)
      this.#offs.delete(off)
    }
    emitter.on(event, listener)
    this.#offs.add(off)
    return off
  }

  clear(): void {
    for (const off of this.#offs) off()
  }
}
