import type { Change } from './change.ts'

/** How long a change of one's own may have to be told again: a failover loses what the replica did not have yet. */
const KEPT = 60_000
const MOST = 1_000

interface Told {
  readonly count: number
  readonly position: bigint
  readonly change: Change
  readonly at: number
}

/** The changes that this process told the fleet of lately, and whether it read them in the log itself. */
export class Journal {
  #told: Told[] = []
  readonly #seen = new Set<number>()

  get size(): number {
    return this.#told.length
  }

  add(told: Told): void {
    this.#prune(told.at)
    this.#told.push(told)
  }

  /** It stands in the log. */
  saw(count: number): void {
    this.#seen.add(count)
  }

  /** It is another log: what it has of ours is told anew. */
  forgetSeen(): void {
    this.#seen.clear()
  }

  /**
   * Takes out what a log lacks that begins at `first` and was read to its end. What is older than the log was trimmed: to tell
   * all of that again would be a storm.
   */
  takeMissing(first: bigint, now: number): readonly Change[] {
    this.#prune(now)
    const missing = this.#told.filter(({ position, count }) => position >= first && !this.#seen.has(count))
    this.#told = this.#told.filter(({ count }) => this.#seen.has(count))
    return missing.map(told => told.change)
  }

  #prune(now: number): void {
    const kept = this.#told.filter(told => now - told.at < KEPT)
    const gone = this.#told.length - kept.length + Math.max(0, kept.length - MOST)
    for (const { count } of this.#told.splice(0, gone)) this.#seen.delete(count)
  }
}
