import type { Changes } from './changes.ts'
import type { Commands } from './commands.ts'
import type { Log } from './log.ts'
import type { Names } from './names.ts'
import type { Timing } from './timing.ts'

interface Parts {
  readonly commands: Commands
  readonly names: Names
  readonly changes: Changes
  readonly log: Log
  readonly timing: Timing
}

/** What comes before anything is read from a server that was away: it is told what changed here, and says what changed there. */
export class CatchUp {
  readonly #parts: Parts
  #isTelling = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Whether the server takes changes again, one at a time: there might always be something more to tell first. */
  get isTelling(): boolean {
    return this.#isTelling
  }

  /** The server is away again. */
  stop(): void {
    this.#isTelling = false
  }

  /** Gives whether all is known on both sides. */
  async done(): Promise<boolean> {
    const { commands, names, changes } = this.#parts
    const pong = await commands.send({ args: ['PING'], key: names.log })
    if (!pong.ok || !(await this.#once())) return false
    this.#isTelling = true
    // What was changed here until then, or was lost, is still to be told.
    this.#isTelling = changes.outbox.isEmpty || ((await this.#once()) && changes.outbox.isEmpty)
    return this.#isTelling
  }

  async #once(): Promise<boolean> {
    const { changes, log, timing } = this.#parts
    const isFlushed = await changes.flush()
    const askedAt = timing.now()
    if (!isFlushed || !(await log.read())) return false
    changes.tellAgain(askedAt)
    return true
  }
}
