import type { LocalTier, SharedStoreEvent } from '@stampede/core'
import type { Change } from '../protocol/change.ts'
import { functionNames, type NamesOfSpaces, ResponseNames } from '../protocol/key-names.ts'

/** The Stampedes of this process that use the store. */
export class LocalCaches {
  readonly #all = new Set<LocalTier>()
  readonly names: NamesOfSpaces = { f: functionNames, h: new ResponseNames() }

  get size(): number {
    return this.#all.size
  }

  add(local: LocalTier): void {
    this.#all.add(local)
  }

  remove(local: LocalTier): void {
    this.#all.delete(local)
  }

  /** Removes what was changed from the memory of all but the author of the change. */
  drop({ space, keys: published, tags }: Change, except?: LocalTier): void {
    const keys = published === undefined ? [] : this.names[space].keysOf(published)
    for (const member of this.#all) {
      if (member === except || member.space !== space) continue
      if (tags !== undefined) member.dropTags(tags)
      else if (published === undefined || keys === undefined) member.dropAll()
      else if (keys.length > 0) member.drop(keys)
    }
  }

  dropAll(): void {
    for (const member of this.#all) member.dropAll()
  }

  emit(event: SharedStoreEvent): void {
    for (const member of this.#all) member.emit(event)
  }
}
