import type { Space } from '../protocol/change.ts'

/** How long, milliseconds, a change of a key may be found lost: less than the store itself remembers it. */
const KEPT = 50_000
/** Keys that are kept, at most. */
const MOST = 5_000
/** How often they are asked for after a failover: the first answer may be of a node that does not know of it yet. */
const ROUNDS = 2

/** A key that this process changed, and when it began to. */
export interface KeyChange {
  readonly space: Space
  readonly key: string
  readonly at: number
}

/**
 * The keys that this process changed lately in a cluster. The log may be on another shard than a key: where that one fails
 * over, and its replica did not have the change yet, the log tells of no loss.
 */
export class KeyChanges {
  /** By space and key, the oldest first. */
  readonly #changes = new Map<string, KeyChange>()
  /** Whose shards did not say: they are asked until they do, whatever the age of the change. */
  readonly #unanswered = new Map<string, KeyChange>()
  /** The epoch of the cluster, which rises with each failover: none where there is no cluster. */
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

  /** What changed before the epoch rose is doubted. */
  saw(epoch: string, now: number): void {
    if (this.#epoch !== '' && epoch !== this.#epoch) {
      this.#risenAt = now
      this.#rounds = ROUNDS
    }
    this.#epoch = epoch
  }

  /** Those of which it is to be asked now whether they still stand. */
  doubted(now: number): readonly KeyChange[] {
    if (this.#rounds === 0) return []
    this.#rounds -= 1
    return [...this.#changes.values()].filter(({ at }) => at < this.#risenAt && now - at < KEPT)
  }

  /** Those whose shards did not say, the one that was asked for last at the end. */
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
