import type { Change, Space } from '../protocol/change.ts'

/** How long a change of one's own may have to be told again: a failover loses what the replica did not have yet. */
const RETENTION = 60_000
/** Changes that are kept with what they say; of those before it is known when they were made, and in which space. */
const MOST = 1_000
const MOST_BARE = 20_000
/** No change has this number. */
const UNSEEN = -1
/** Of what was seen the reply may never come, and then it is never told of: it is forgotten when all replies have come. */
const SEEN_RETENTION = 2 * RETENTION

/** A change, and where it stands in the log. */
export interface PublishedChange {
  readonly count: number
  readonly position: bigint
  readonly change: Change
  readonly at: number
}

/** The changes that this process told the fleet of lately, and whether it read them in the log itself. */
export class RecentChanges {
  /** The oldest first. Those before `#from` are gone: to take each out would move all the others. */
  #published: PublishedChange[] = []
  #from = 0
  /** When each was seen, the oldest first. */
  readonly #seen = new Map<number, number>()
  /** Of each space the last of those for which there was no room at all. */
  readonly #forgotten = new Map<Space, PublishedChange>()

  get size(): number {
    return this.#published.length - this.#from
  }

  /** How many were seen and are remembered as that. */
  get seen(): number {
    return this.#seen.size
  }

  add(published: PublishedChange): void {
    this.#prune(published.at)
    this.#published.push(published)
    const bare = this.#published.length - 1 - MOST
    const before = bare < this.#from ? undefined : this.#published[bare]
    // Where it has to be told again, everything in its space is to be dropped.
    if (before !== undefined) this.#published[bare] = { ...before, change: { space: before.change.space } }
    if (this.size > MOST + MOST_BARE) this.#forget()
  }

  /** It stands in the log. */
  saw(count: number, now: number): void {
    this.#seen.set(count, now)
  }

  /** It is another log: what it has of ours is told anew. */
  forgetSeen(): void {
    this.#seen.clear()
  }

  /** What was not seen, and was told before that position: a log may have it where it was not read. */
  unseenBefore(position: bigint, now: number): readonly PublishedChange[] {
    return this.#unseen(now).filter(published => published.position < position && published.count !== UNSEEN)
  }

  /** Takes out what was told by then, and was not seen: the log lacks it. */
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

  /** One that was not seen is taken for one that never will be. */
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
