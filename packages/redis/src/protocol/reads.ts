import { bytesOf } from '../base/bytes.ts'
import type { Commands } from './commands.ts'
import type { Timing } from '../base/timing.ts'

/** Maximum number of records per command: each may be large, and other clients wait meanwhile. */
const MOST_AT_ONCE = 32

interface Waiting {
  readonly place: string
  readonly resolve: (bytes: Uint8Array | undefined) => void
}

interface Parts {
  readonly commands: Commands
  readonly timing: Timing
}

/**
 * Reads records. The reads of one turn of the event loop are sent as one command, since the command is most of the
 * cost of a hit, here and in the server.
 */
export class Reads {
  readonly #parts: Parts
  #waiting: Waiting[] = []
  #areTogether: boolean

  constructor(parts: Parts) {
    this.#parts = parts
    this.#areTogether = parts.commands.isOneNode
  }

  /** The bytes of the record; `undefined` if there is none, or the store does not answer. */
  read(place: string): Promise<Uint8Array | undefined> {
    if (!this.#areTogether) return this.#readOne(place)
    return new Promise(resolve => {
      this.#waiting.push({ place, resolve })
      if (this.#waiting.length === 1) this.#parts.timing.afterPoll(() => this.#send())
    })
  }

  #send(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let from = 0; from < waiting.length; from += MOST_AT_ONCE) {
      void this.#sendSome(waiting.slice(from, from + MOST_AT_ONCE))
    }
  }

  async #sendSome(some: readonly Waiting[]): Promise<void> {
    const [first] = some
    if (first === undefined) return
    if (some.length === 1) return first.resolve(await this.#readOne(first.place))
    const args = ['MGET', ...some.map(({ place }) => place)]
    const answer = await this.#parts.commands.send({ args, key: first.place })
    // A proxy may represent several nodes.
    if (!answer.ok && answer.reason === 'CROSSSLOT') this.#areTogether = false
    const replies: readonly unknown[] = answer.ok && Array.isArray(answer.reply) ? answer.reply : []
    for (const [index, { resolve }] of some.entries()) resolve(bytesOf(replies[index]))
  }

  async #readOne(place: string): Promise<Uint8Array | undefined> {
    const answer = await this.#parts.commands.send({ args: ['GET', place], key: place })
    return answer.ok ? bytesOf(answer.reply) : undefined
  }
}
