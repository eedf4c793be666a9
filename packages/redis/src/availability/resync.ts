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

/**
 * Synchronizes with a server that was away, before anything is read from it: publishes changes from here, and reads
 * changes from there.
 */
export class Resync {
  readonly #parts: Parts
  #isTelling = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Whether the server accepts changes again, one at a time: otherwise there might always be another one to publish
   * first.
   */
  get isTelling(): boolean {
    return this.#isTelling
  }

  /** The server is away again. */
  stop(): void {
    this.#isTelling = false
  }

  /** Returns whether both sides are up to date. */
  async done(): Promise<boolean> {
    const { commands, names, changes } = this.#parts
    const pong = await commands.send({ args: ['PING'], key: names.log })
    this.#isTelling = pong.ok && (await this.#isRead())
    if (!this.#isTelling || changes.outbox.isEmpty) return this.#isTelling
    // Changes made here meanwhile, or lost, are still to be published; one unreachable shard does not delay the others.
    this.#isTelling = await this.#isRead()
    return this.#isTelling && changes.outbox.isEmpty
  }

  /** Whether the log was read, after everything that had to be published first. */
  async #isRead(): Promise<boolean> {
    const { changes, log, timing } = this.#parts
    await changes.flush()
    const askedAt = timing.now()
    if (!(await log.read())) return false
    changes.republish(askedAt)
    return true
  }
}
