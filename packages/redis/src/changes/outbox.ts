import type { Change, Space } from '../protocol/change.ts'

/** Keys and tags together, at most: more of them, and everything of their space is cleared. */
const MOST = 1_000

interface Unsent {
  isAll: boolean
  readonly told: Set<string>
  readonly tags: Set<string>
}

/** Changes that the fleet could not be told of yet. */
export class Outbox {
  readonly #unsent = new Map<Space, Unsent>()

  get isEmpty(): boolean {
    return this.#unsent.size === 0
  }

  get size(): number {
    return [...this.#unsent.values()].reduce((sum, { told, tags }) => sum + told.size + tags.size, 0)
  }

  add({ space, told, tags }: Change): void {
    const unsent = this.#unsent.get(space) ?? { isAll: false, told: new Set(), tags: new Set() }
    this.#unsent.set(space, unsent)
    for (const key of told ?? []) unsent.told.add(key)
    for (const tag of tags ?? []) unsent.tags.add(tag)
    unsent.isAll ||= (told === undefined && tags === undefined) || unsent.told.size + unsent.tags.size > MOST
    if (!unsent.isAll) return
    unsent.told.clear()
    unsent.tags.clear()
  }

  /** Takes everything out; what cannot be sent is to be added again. */
  take(): readonly Change[] {
    const changes: Change[] = []
    for (const [space, { isAll, told, tags }] of this.#unsent) {
      if (isAll) changes.push({ space })
      if (told.size > 0) changes.push({ space, told: [...told] })
      if (tags.size > 0) changes.push({ space, tags: [...tags] })
    }
    this.#unsent.clear()
    return changes
  }
}
