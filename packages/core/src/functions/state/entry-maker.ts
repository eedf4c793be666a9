import { type Entry, type EntryOverrides, entryWithOverrides, plainEntry, type Stored } from './entry.ts'
import type { FunctionState } from './function-state.ts'
import type { Settings } from './function-options.ts'

/** Makes the entry of a value. */
export class EntryMaker<Value> {
  readonly #state: FunctionState<Value>

  constructor(state: FunctionState<Value>) {
    this.#state = state
  }

  /**
   * No entry for a ttl of 0; the existing entry is outdated all the same.
   *
   * @param own when it is stored, if that is not now
   * @param startedAt when its fetch began; without one, it took no time
   */
  make(
    from: Stored<Value>,
    value: Value,
    own: Pick<Settings, 'ttl' | 'tags'> & { readonly storedAt?: number | undefined },
    startedAt?: number,
  ): Entry<Value> | undefined {
    const bytes = own.ttl === 0 ? undefined : this.#state.bytesOf(value, from.key)
    if (bytes === undefined) return undefined
    const storedAt = own.storedAt ?? this.#state.clock.now()
    const common = this.#state.settings
    if (bytes === 0 && from.settings === common && isOrdinary(from, own))
      return plainEntry(from, value, storedAt + own.ttl, common)
    return entryWithOverrides(from, value, {
      ...this.#times(from, own.ttl, storedAt),
      settings: from.settings,
      // A longer time is a clock that leapt.
      duration: Math.min(storedAt - (startedAt ?? storedAt), from.settings.timeout),
      bytes,
      tags: own.tags,
      isFailure: false,
      version: from.lease?.version,
    })
  }

  #times(
    { key, settings }: Stored<Value>,
    ttl: number,
    storedAt: number,
  ): Pick<EntryOverrides, 'storedAt' | 'freshUntil'> {
    const spread = ttl === Number.POSITIVE_INFINITY ? 0 : ttl * settings.jitter
    const freshUntil = storedAt + ttl - (spread === 0 ? 0 : Math.floor(spread * this.#state.draw(key)))
    return { storedAt, freshUntil }
  }
}

/** Whether the end of the ttl determines the moment of storing: a very distant end is not exact enough. */
function isOrdinary<Value>({ settings, lease }: Stored<Value>, { ttl, tags }: Pick<Settings, 'ttl' | 'tags'>): boolean {
  const { jitter, earlyRefresh } = settings
  const isUsual = tags.length === 0 && lease === undefined && ttl === settings.ttl
  return isUsual && ttl <= Number.MAX_SAFE_INTEGER && jitter === 0 && earlyRefresh === 0
}
