import { OptionError } from '../../base/errors.ts'
import { isDuration, isTagNames, TAG_NAMES } from '../../base/option-rules.ts'
import type { Verdict } from '../rfc/storable.ts'

/**
 * What a handler may set for its own answer, in addition to headers. It never makes an answer shareable that is not,
 * and has no effect on a request that bypasses.
 */
export class ResponseHandle {
  #ttl: number | undefined
  #tags: readonly string[] = []
  #noStore = false

  /** Freshness lifetime, milliseconds. It takes precedence over headers and options; `undefined`: they decide. */
  get ttl(): number | undefined {
    return this.#ttl
  }

  /** @throws {OptionError} for anything but a duration */
  set ttl(ttl: number | undefined) {
    if (ttl !== undefined && !isDuration(ttl))
      throw new OptionError('ttl', ttl, 'a duration in milliseconds: a number, 0 or more, or Infinity')
    this.#ttl = ttl
  }

  /** Tags of the answer, in addition to those of the route and of the `Stampede-Cache-Tag` field. */
  get tags(): readonly string[] {
    return this.#tags
  }

  /** @throws {OptionError} for anything but names */
  set tags(tags: readonly string[]) {
    if (!isTagNames(tags)) throw new OptionError('tags', tags, TAG_NAMES)
    this.#tags = Object.freeze([...tags])
  }

  /** Whether the answer is neither shared with followers nor stored. */
  get noStore(): boolean {
    return this.#noStore
  }

  /** @throws {OptionError} for anything but true or false */
  set noStore(noStore: boolean) {
    if (typeof noStore !== 'boolean') throw new OptionError('noStore', noStore, 'true or false')
    this.#noStore = noStore
  }
}

/** A handle, or a function that makes it on demand: most requests need none. */
export type HandleSource = ResponseHandle | (() => ResponseHandle)

export function handleFrom(source: HandleSource | undefined): ResponseHandle | undefined {
  return typeof source === 'function' ? source() : source
}

/** The verdict on an answer, once its handler's own settings are considered. */
export function overruled(verdict: Verdict, handle: ResponseHandle | undefined): Verdict {
  return verdict.shareable && handle?.noStore === true ? { shareable: false, reason: 'no-store' } : verdict
}
