import { OptionError, rejected } from '../../base/errors.ts'
import { isDuration, isTags } from '../../base/option-rules.ts'

/** What a fetch can read about its call, and set for its result. */
export interface FetchContext<Value> {
  /** The key of the call. */
  readonly key: string
  /** Aborts when the fetch times out, or when all its callers have aborted. Created on first access. */
  readonly signal: AbortSignal
  /** The stored value that the result replaces, if there is one. */
  readonly stale: Value | undefined
  /** Set it to change the freshness lifetime of this result, milliseconds. Default: that of the call. */
  ttl: number | undefined
  /** Set them to add tags to this result, for `invalidateTags`. Default: none. */
  tags: readonly string[] | undefined
  /** Set it to true so that this result is not stored. Default: false. */
  noStore: boolean
}

/** The function that computes the value of a key: it returns the value, or a promise of it. */
export type Fetch<Value> = (context: FetchContext<Value>) => Value | PromiseLike<Value>

/** The options that a fetch set for its result. */
export interface ResultOptions {
  readonly ttl: number | undefined
  readonly tags: readonly string[] | undefined
  readonly noStore: boolean
}

/** The options that a fetch may set for its results. A wrong value throws when it is set. */
export class CheckedResultOptions implements ResultOptions {
  noStore = false
  #ttl: number | undefined
  #tags: readonly string[] | undefined

  get ttl(): number | undefined {
    return this.#ttl
  }

  set ttl(value: number | undefined) {
    if (value !== undefined && !isDuration(value)) {
      throw new OptionError('context.ttl', value, 'a duration in milliseconds, 0 or more')
    }
    this.#ttl = value
  }

  get tags(): readonly string[] | undefined {
    return this.#tags
  }

  set tags(value: readonly string[] | undefined) {
    if (value !== undefined && !isTags(value)) throw new OptionError('context.tags', value, 'an array of strings')
    this.#tags = value === undefined ? undefined : [...value]
  }
}

/** The context of the fetch of one key. */
export class Context<Value> extends CheckedResultOptions implements FetchContext<Value> {
  readonly key: string
  readonly stale: Value | undefined
  readonly #flight: { readonly signal: AbortSignal }

  constructor(key: string, stale: Value | undefined, flight: { readonly signal: AbortSignal }) {
    super()
    this.key = key
    this.stale = stale
    this.#flight = flight
  }

  get signal(): AbortSignal {
    return this.#flight.signal
  }
}

/** The promise of a fetch. A fetch that throws synchronously counts as one that rejects. */
export function resultOf<Value>(fetch: Fetch<Value>, context: Context<Value>): Promise<Value> {
  try {
    // A subclass of Promise may override `then`.
    return Promise.resolve(fetch(context))
  } catch (error) {
    return rejected(error)
  }
}
