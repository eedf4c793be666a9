import type { Change, Space } from './change.ts'

/** Names and tags together, at most: more of them, and everything of their space is cleared. */
const MOST = 1_000

interface Unsent {
  isAll: boolean
  readonly names: Set<string>
  readonly tags: Set<string>
}

/** Changes that the fleet could not be told of yet. */
export class Outbox {
  readonly #unsent = new Map<Space, Unsent>()

  get isEmpty(): boolean {
    return this.#unsent.size === 0
  }

  get size(): number {
    return [...this.#unsent.values()].reduce((sum, { names, tags }) => sum + names.size + tags.size, 0)
  }

  add({ space, names, tags }: Change): void {
    const unsent = this.#unsent.get(space) ?? { isAll: false, names: new Set(), tags: new Set() }
    this.#unsent.set(space, unsent)
    if (names === undefined && tags === undefined) unsent.isAll = true
    if (!unsent.isAll) {
      for (const name of names ?? []) unsent.names.add(name)
      for (const tag of tags ?? []) unsent.tags.add(tag)
    }
    if (unsent.names.size + unsent.tags.size > MOST) unsent.isAll = true
    if (!unsent.isAll) return
    unsent.names.clear()
    unsent.tags.clear()
  }

  /** Takes everything out; what cannot be sent is to be added again. */
  take(): readonly Change[] {
    const changes: Change[] = []
    for (const [space, { isAll, names, tags }] of this.#unsent) {
      if (isAll) changes.push({ space })
      if (names.size > 0) changes.push({ space, names: [...names] })
      if (tags.size > 0) changes.push({ space, tags: [...tags] })
    }
    this.#unsent.clear()
    return changes
  }
}
