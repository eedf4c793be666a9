import type { Change, Space } from '../protocol/change.ts'

/** Maximum number of keys and tags: with more, everything in their space is cleared. */
const MOST = 1_000

interface Unsent {
  isAll: boolean
  readonly keys: Set<string>
  readonly tags: Set<string>
}

/** Changes that could not be published yet. */
export class Outbox {
  readonly #unsent = new Map<Space, Unsent>()

  get isEmpty(): boolean {
    return this.#unsent.size === 0
  }

  get size(): number {
    return [...this.#unsent.values()].reduce((sum, { keys, tags }) => sum + keys.size + tags.size, 0)
  }

  add({ space, keys, tags }: Change): void {
    const unsent = this.#unsent.get(space) ?? { isAll: false, keys: new Set(), tags: new Set() }
    this.#unsent.set(space, unsent)
    for (const key of keys ?? []) unsent.keys.add(key)
    for (const tag of tags ?? []) unsent.tags.add(tag)
    unsent.isAll ||= (keys === undefined && tags === undefined) || unsent.keys.size + unsent.tags.size > MOST
    if (!unsent.isAll) return
    unsent.keys.clear()
    unsent.tags.clear()
  }

  /** Takes out everything; what cannot be sent must be added again. */
  take(): readonly Change[] {
    const changes: Change[] = []
    for (const [space, { isAll, keys, tags }] of this.#unsent) {
      if (isAll) changes.push({ space })
      if (keys.size > 0) changes.push({ space, keys: [...keys] })
      if (tags.size > 0) changes.push({ space, tags: [...tags] })
    }
    this.#unsent.clear()
    return changes
  }
}
