import { OptionError, rejected } from '../../base/errors.ts'
import { isDuration, isTags } from '../../base/option-rules.ts'

/** What a fetch is told of its flight, and may say of its result. */
export interface FetchContext<Value> {
  /** The key that was asked for. */
  readonly key: string
  /** Aborts when the fetch times out, or when all its callers have left. Made when first read. */
  readonly signal: AbortSignal
  /** The stored value that the result replaces, if there is one. */
  readonly stale: Value | undefined
  /** Set it to give this result another freshness lifetime, milliseconds. Default: that of the call. */
  ttl: number | undefined
  /** Set them to let `invalidateTags` drop this result, beside the tags of the call. Default: none. */
  tags: readonly string[] | undefined
  /** Set it to true to keep this result out of the store. Default: false. */
  noStore: boolean
}

/** The work for a key. Anything but a promise is taken as the value itself. */
export type Fetch<Value> = (context: FetchContext<Value>) => Value | PromiseLike<Value>

/** What a fetch said of its result. */
export interface ResultOptions {
  readonly ttl: number | undefined
  readonly tags: readonly string[] | undefined
  readonly noStore: boolean
}

/** What the fetch of one key, or of several, may say of what it yields. Wrong values are refused when they are set. */
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

/** The context of one key's fetch. */
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

/** What a fetch yields. One that throws synchronously is one that rejects. */
export function resultOf<Value>(fetch: Fetch<Value>, context: Context<Value>): Promise<Value> {
  try {
    // A subclass of Promise may do anything in its `then`.
    return Promise.resolve(fetch(context))
  } catch (error) {
    return rejected(error)
  }
}
