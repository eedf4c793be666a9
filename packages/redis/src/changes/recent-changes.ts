import type { Change, Space } from '../protocol/change.ts'

/** How long a change of one's own may have to be told again: a failover loses what the replica did not have yet. */
const KEPT = 60_000
/** Changes that are kept with what they say; of those before it is known when they were made, and in which space. */
const MOST = 1_000
const MOST_BARE = 20_000
/** No change has this number. */
const UNSEEN = -1
/** Of what was seen the reply may never come, and then it is never told of: it is forgotten when all replies have come. */
const SEEN_KEPT = 2 * KEPT

/** A change, and where it stands in the log. */
export interface Told {
  readonly count: number
  readonly position: bigint
  readonly change: Change
  readonly at: number
}

/** The changes that this process told the fleet of lately, and whether it read them in the log itself. */
export class Journal {
  /** The oldest first. Those before `#from` are gone: to take each out would move all the others. */
  #told: Told[] = []
  #from = 0
  /** When each was seen, the oldest first. */
  readonly #seen = new Map<number, number>()
  /** Of each space the last of those for which there was no room at all. */
  readonly #forgotten = new Map<Space, Told>()

  get size(): number {
    return this.#told.length - this.#from
  }

  /** How many were seen and are remembered as that. */
  get seen(): number {
    return this.#seen.size
  }

  add(told: Told): void {
    this.#prune(told.at)
    this.#told.push(told)
    const bare = this.#told.length - 1 - MOST
    const before = bare < this.#from ? undefined : this.#told[bare]
    // Where it has to be told again, everything in its space is to be dropped.
    if (before !== undefined) this.#told[bare] = { ...before, change: { space: before.change.space } }
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
  unseenBefore(position: bigint, now: number): readonly Told[] {
    return this.#unseen(now).filter(told => told.position < position && told.count !== UNSEEN)
  }

  /** Takes out what was told by then, and was not seen: the log lacks it. */
  takeMissing(toldBy: number, now: number): readonly Change[] {
    const missing = this.#unseen(now).filter(({ at }) => at <= toldBy)
    this.#told = this.#told.slice(this.#from).filter(({ count, at }) => at > toldBy || this.#seen.has(count))
    this.#from = 0
    for (const [space, told] of this.#forgotten) if (missing.includes(told)) this.#forgotten.delete(space)
    return missing.map(told => told.change)
  }

  #unseen(now: number): readonly Told[] {
    this.#prune(now)
    const all = [...this.#forgotten.values(), ...this.#told.slice(this.#from)]
    return all.filter(({ count }) => !this.#seen.has(count))
  }

  #prune(now: number): void {
    for (let first = this.#told[this.#from]; first !== undefined; first = this.#told[this.#from]) {
      if (now - first.at < KEPT) break
      this.#seen.delete(first.count)
      this.#from += 1
    }
    for (const [space, { at, count }] of this.#forgotten) {
      if (now - at < KEPT) continue
      this.#forgotten.delete(space)
      this.#seen.delete(count)
    }
    for (const [count, at] of this.#seen) {
      if (now - at < SEEN_KEPT) break
      this.#seen.delete(count)
    }
    if (this.#from < MOST) return
    this.#told = this.#told.slice(this.#from)
    this.#from = 0
  }

  /** One that was not seen is taken for one that never will be. */
  #forget(): void {
    const oldest = this.#told[this.#from]
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
