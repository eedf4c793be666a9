import type { LocalTier, SharedStoreEvent } from '@stampede/core'
import type { Change, Space } from './change.ts'
import { KeyNames } from './key-names.ts'

/** The Stampedes of this process that were given the store. */
export class Members {
  readonly #all = new Set<LocalTier>()
  readonly #names: Readonly<Record<Space, KeyNames>> = { f: new KeyNames('f'), h: new KeyNames('h') }

  get size(): number {
    return this.#all.size
  }

  add(local: LocalTier): void {
    this.#all.add(local)
  }

  remove(local: LocalTier): void {
    this.#all.delete(local)
  }

  namesOf(space: Space): KeyNames {
    return this.#names[space]
  }

  /** Drops what was changed, in the memory of all but the one that did it. */
  drop({ space, names, tags }: Change, except?: LocalTier): void {
    const keys = names === undefined ? [] : this.#names[space].keysOf(names)
    for (const member of this.#all) {
      if (member === except || member.space !== space) continue
      if (tags !== undefined) member.dropTags(tags)
      else if (names === undefined || keys === undefined) member.dropAll()
      else if (keys.length > 0) member.drop(keys)
    }
  }

  dropAll(): void {
    for (const member of this.#all) member.dropAll()
  }

  tell(event: SharedStoreEvent): void {
    for (const member of this.#all) member.emit(event)
  }
}
