import { OptionError } from '../../base/errors.ts'
import { isDuration, isTagNames, TAG_NAMES } from '../../base/option-rules.ts'
import type { Verdict } from '../rfc/storable.ts'

/**
 * What a handler may say of its own answer, beside its headers. Where nothing is shared or stored anyway, it changes
 * nothing; it never makes an answer shareable that is not.
 */
export class ResponseHandle {
  #ttl: number | undefined
  #tags: readonly string[] = []
  #noStore = false

  /** Freshness lifetime, milliseconds: wins over what headers and options say. `undefined`: they decide. */
  get ttl(): number | undefined {
    return this.#ttl
  }

  /** @throws {OptionError} for anything but a duration */
  set ttl(ttl: number | undefined) {
    if (ttl !== undefined && !isDuration(ttl))
      throw new OptionError('ttl', ttl, 'a duration in milliseconds: a number, 0 or more, or Infinity')
    this.#ttl = ttl
  }

  /** Tags of the answer, beside those of the route and of its `Stampede-Cache-Tag` field. */
  get tags(): readonly string[] {
    return this.#tags
  }

  /** @throws {OptionError} for anything but names */
  set tags(tags: readonly string[]) {
    if (!isTagNames(tags)) throw new OptionError('tags', tags, TAG_NAMES)
    this.#tags = Object.freeze([...tags])
  }

  /** Neither shared with those who wait nor stored. */
  get noStore(): boolean {
    return this.#noStore
  }

  /** @throws {OptionError} for anything but true or false */
  set noStore(noStore: boolean) {
    if (typeof noStore !== 'boolean') throw new OptionError('noStore', noStore, 'true or false')
    this.#noStore = noStore
  }
}

/** A handle, or what gives it once it is needed: most requests need none. */
export type HandleSource = ResponseHandle | (() => ResponseHandle)

export function handleFrom(source: HandleSource | undefined): ResponseHandle | undefined {
  return typeof source === 'function' ? source() : source
}

/** The verdict on an answer after its own handler has had its say. */
export function overruled(verdict: Verdict, handle: ResponseHandle | undefined): Verdict {
  return verdict.shareable && handle?.noStore === true ? { shareable: false, reason: 'no-store' } : verdict
}
