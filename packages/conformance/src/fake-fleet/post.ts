import { Gate, Tally } from '../gate.ts'

/** The messages between a process and the server: calls by name, and published changes. */
export type Letter = 'read' | 'acquire' | 'commit' | 'settle' | 'set' | 'invalidate' | 'drop'

/** On its way to the server, with no effect yet; or on its way back. Of `drop` there is only the way back. */
export type Way = 'request' | 'reply'

/** Delivers calls and replies, each kind in order, in a microtask, unless they are held. */
export class Post {
  /** What has been sent, by name, and `waiting`: the acquires that wait for another process's work. */
  readonly sent: Tally = new Tally()
  readonly #gates = new Map<string, Gate>()

  hold(letter: Letter, way: Way = 'reply'): void {
    this.#gates.set(`${letter} ${way}`, new Gate())
  }

  release(letter: Letter, way: Way = 'reply'): void {
    const name = `${letter} ${way}`
    this.#gates.get(name)?.open()
    this.#gates.delete(name)
  }

  releaseAll(): void {
    for (const gate of this.#gates.values()) gate.open()
    this.#gates.clear()
  }

  async bring(letter: Letter, way: Way): Promise<void> {
    await this.#gates.get(`${letter} ${way}`)?.passed()
  }
}
