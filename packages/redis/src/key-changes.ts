import type { Space } from './change.ts'

/** How long, milliseconds, a change of a key may be found lost: less than the store itself remembers it. */
const KEPT = 50_000
/** Keys that are kept, at most. */
const MOST = 20_000

/** A key that this process changed. */
export interface KeyChange {
  readonly space: Space
  readonly told: string
  readonly at: number
}

/**
 * The keys that this process changed lately in a cluster. The log may be on another shard than a key: where that one fails
 * over, and its replica did not have the change yet, the log tells of no loss.
 */
export class KeyChanges {
  /** By space and key, the oldest first. */
  #changes = new Map<string, KeyChange>()
  /** The epoch of the cluster, which rises with each failover: none where there is no cluster. */
  #epoch = ''
  #doubtedUntil = Number.NEGATIVE_INFINITY

  get size(): number {
    return this.#changes.size
  }

  add(change: KeyChange): void {
    if (this.#epoch === '') return
    const id = change.space + change.told
    this.#changes.delete(id)
    this.#changes.set(id, change)
    for (const [oldest, { at }] of this.#changes) {
      if (change.at - at < KEPT && this.size <= MOST) break
      this.#changes.delete(oldest)
    }
  }

  /** What changed lately is doubted from now on: who was cut off goes on for a while as if nothing had happened. */
  saw(epoch: string, now: number): void {
    if (this.#epoch !== '' && epoch !== this.#epoch) this.#doubtedUntil = now + KEPT
    this.#epoch = epoch
  }

  /** Takes out those of which it is to be asked whether they still stand. */
  takeDoubted(now: number): readonly KeyChange[] {
    if (now >= this.#doubtedUntil) return []
    const recent = [...this.#changes.values()].filter(({ at }) => now - at < KEPT)
    this.#changes = new Map()
    return recent
  }
}
