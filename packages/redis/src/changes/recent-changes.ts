import type { Change, Space } from '../protocol/change.ts'

/** How long a change may have to be published again: a failover loses what its replica did not have yet. */
const RETENTION = 60_000
/** Changes that are kept completely; of older ones, only time and space are kept. */
const MOST = 1_000
const MOST_BARE = 20_000
/** No change has this number. */
const UNSEEN = -1
/** The reply to a change in the log may never arrive. The number is forgotten when all replies must have arrived. */
const SEEN_RETENTION = 2 * RETENTION

/** A change, and its position in the log. */
export interface PublishedChange {
  readonly count: number
  readonly position: bigint
  readonly change: Change
  readonly at: number
}

/** The recent changes of this process, and whether they were read in the log. */
export class RecentChanges {
  /** Oldest first. Those before `#from` are gone: removing each would move all others. */
  #published: PublishedChange[] = []
  #from = 0
  /** When each was read, oldest first. */
  readonly #seen = new Map<number, number>()
  /** The last change of each space that was dropped completely. */
  readonly #forgotten = new Map<Space, PublishedChange>()

  get size(): number {
    return this.#published.length - this.#from
  }

  /** The number of remembered numbers that were read. */
  get seen(): number {
    return this.#seen.size
  }

  add(published: PublishedChange): void {
    this.#prune(published.at)
    this.#published.push(published)
    const bare = this.#published.length - 1 - MOST
    const before = bare < this.#from ? undefined : this.#published[bare]
    // If it must be published again, everything in its space is cleared.
    if (before !== undefined) this.#published[bare] = { ...before, change: { space: before.change.space } }
    if (this.size > MOST + MOST_BARE) this.#forget()
  }

  /** The log contains it. */
  saw(count: number, now: number): void {
    this.#seen.set(count, now)
  }

  /** It is another log: its entries will be read anew. */
  forgetSeen(): void {
    this.#seen.clear()
  }

  /**
   * Changes that were not read, and published before that position: the log may contain them in a part that was not
   * read.
   */
  unseenBefore(position: bigint, now: number): readonly PublishedChange[] {
    return this.#unseen(now).filter(published => published.position < position && published.count !== UNSEEN)
  }

  /** Takes out changes that were published by then and not read: the log lacks them. */
  takeMissing(publishedBy: number, now: number): readonly Change[] {
    const missing = this.#unseen(now).filter(({ at }) => at <= publishedBy)
    this.#published = this.#published
      .slice(this.#from)
      .filter(({ count, at }) => at > publishedBy || this.#seen.has(count))
    this.#from = 0
    for (const [space, published] of this.#forgotten) if (missing.includes(published)) this.#forgotten.delete(space)
    return missing.map(published => published.change)
  }

  #unseen(now: number): readonly PublishedChange[] {
    this.#prune(now)
    const all = [...this.#forgotten.values(), ...this.#published.slice(this.#from)]
    return all.filter(({ count }) => !this.#seen.has(count))
  }

  #prune(now: number): void {
    for (let first = this.#published[this.#from]; first !== undefined; first = this.#published[this.#from]) {
      if (now - first.at < RETENTION) break
      this.#seen.delete(first.count)
      this.#from += 1
    }
    for (const [space, { at, count }] of this.#forgotten) {
      if (now - at < RETENTION) continue
      this.#forgotten.delete(space)
      this.#seen.delete(count)
    }
    for (const [count, at] of this.#seen) {
      if (now - at < SEEN_RETENTION) break
      this.#seen.delete(count)
    }
    if (this.#from < MOST) return
    this.#published = this.#published.slice(this.#from)
    this.#from = 0
  }

  /** A change that was not read counts as one that never will be. */
  #forget(): void {
    const oldest = this.#published[this.#from]
    if (oldest === undefined) return
    this.#from += 1
    const { space } = oldest.change
    const before = this.#forgotten.get(space)
    const areSeen = this.#seen.has(oldest.count) && (before === undefined || this.#seen.has(before.count))
    if (before !== undefined) this.#seen.delete(before.count)
    if (!areSeen) this.#seen.delete(oldest.count)
    this.#forgotten.set(space, areSeen ? oldest : { ...oldest, count: UNSEEN })
  }
}
