import type { Space } from '../protocol/change.ts'

/** How long a lost change of a key can be detected, milliseconds: less than the store remembers it. */
const KEPT = 50_000
/** Maximum number of keys. */
const MOST = 5_000
/** How often they are checked after a failover: the first reply may come from a node that does not know of it yet. */
const ROUNDS = 2

/** A key that this process changed, and when the change began. */
export interface KeyChange {
  readonly space: Space
  readonly key: string
  readonly at: number
}

/**
 * The keys that this process changed recently in a cluster. The log may be on another shard than a key: if that shard
 * fails over to a replica without the change, the log shows no loss.
 */
export class KeyChanges {
  /** By space and key, oldest first. */
  readonly #changes = new Map<string, KeyChange>()
  /** Keys whose shards did not answer: they are checked until they do, however old the change is. */
  readonly #unanswered = new Map<string, KeyChange>()
  /** The epoch of the cluster, which rises with each failover; `undefined` without a cluster. */
  #epoch = ''
  #risenAt = 0
  #rounds = 0

  get size(): number {
    return this.#changes.size
  }

  add(change: KeyChange): void {
    if (this.#epoch === '') return
    const id = idOf(change)
    this.#changes.delete(id)
    this.#changes.set(id, change)
    for (const [oldest, { at }] of this.#changes) {
      if (change.at - at < KEPT && this.size <= MOST) break
      this.#changes.delete(oldest)
    }
  }

  /** Changes from before the epoch rose must be checked. */
  saw(epoch: string, now: number): void {
    if (this.#epoch !== '' && epoch !== this.#epoch) {
      this.#risenAt = now
      this.#rounds = ROUNDS
    }
    this.#epoch = epoch
  }

  /** The keys that must be checked now. */
  doubted(now: number): readonly KeyChange[] {
    if (this.#rounds === 0) return []
    this.#rounds -= 1
    return [...this.#changes.values()].filter(({ at }) => at < this.#risenAt && now - at < KEPT)
  }

  /** The keys whose shards did not answer, the last checked one at the end. */
  unanswered(): readonly KeyChange[] {
    return [...this.#unanswered.values()]
  }

  answered(change: KeyChange, isAnswered: boolean): void {
    this.#unanswered.delete(idOf(change))
    if (!isAnswered && this.#unanswered.size < MOST) this.#unanswered.set(idOf(change), change)
  }
}

function idOf({ space, key }: KeyChange): string {
  return space + key
}
