import { type Change, entryFromWire, type LogEntry, positionOf } from '../protocol/change.ts'
import { type Changes, marksOf } from './changes.ts'
import type { Logged } from './log.ts'
import type { InvalidationIndex } from './invalidation-index.ts'
import type { Timing } from '../base/timing.ts'

interface Parts {
  readonly instance: string
  readonly invalidations: InvalidationIndex
  readonly changes: Changes
  readonly timing: Timing
}

/** What a process keeps of the log: when each mark was last invalidated, and which of its own changes stand there. */
export class LogConsumer {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Gives what another process changed. What this one did, it has done already where it has to be done. */
  entry({ instance, count, change }: LogEntry, position: bigint): Change | undefined {
    if (change !== undefined) this.#mark(change, position)
    if (instance !== this.#parts.instance) return change
    this.#sawOwn(count)
    return undefined
  }

  /** It is another log, or begins later than what was read of it. */
  restarted(entries: readonly Logged[], first: bigint): void {
    const { instance, invalidations, changes } = this.#parts
    invalidations.reset(first)
    changes.recent.forgetSeen()
    for (const { id, text } of entries) {
      const entry = entryFromWire(text)
      if (entry?.instance === instance) this.#sawOwn(entry.count)
      if (entry?.change !== undefined) this.#mark(entry.change, positionOf(id))
    }
  }

  #sawOwn(count: number): void {
    this.#parts.changes.recent.saw(count, this.#parts.timing.now())
  }

  #mark(change: Change, position: bigint): void {
    for (const mark of marksOf(change)) this.#parts.invalidations.add(mark, position)
  }
}
