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

/** Applies the log: the last invalidation of each mark, and which of this process's own changes it contains. */
export class LogConsumer {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Returns a change of another process. This process's own changes are applied already. */
  entry({ instance, count, change }: LogEntry, position: bigint): Change | undefined {
    if (change !== undefined) this.#mark(change, position)
    if (instance !== this.#parts.instance) return change
    this.#sawOwn(count)
    return undefined
  }

  /** The log is another one, or starts later than the last read entry. */
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
