import type { Changes } from '../changes/changes.ts'
import type { Commands } from '../protocol/commands.ts'
import type { Log } from '../changes/log.ts'
import type { Keyspace } from '../protocol/keyspace.ts'
import type { Timing } from '../base/timing.ts'

interface Parts {
  readonly commands: Commands
  readonly names: Keyspace
  readonly changes: Changes
  readonly log: Log
  readonly timing: Timing
}

/** What comes before anything is read from a server that was away: it is told what changed here, and says what changed there. */
export class Resync {
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
    this.#isTelling = pong.ok && (await this.#isRead())
    if (!this.#isTelling || changes.outbox.isEmpty) return this.#isTelling
    // What was changed here until then, or was lost, is still to be told; where a shard is away, what is on the others is told.
    this.#isTelling = await this.#isRead()
    return this.#isTelling && changes.outbox.isEmpty
  }

  /** Whether the log was read, after what it was to be told first. */
  async #isRead(): Promise<boolean> {
    const { changes, log, timing } = this.#parts
    await changes.flush()
    const askedAt = timing.now()
    if (!(await log.read())) return false
    changes.republish(askedAt)
    return true
  }
}
