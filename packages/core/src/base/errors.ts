/** A wrong option or argument. Thrown at once, before anything changes. */
export class OptionError extends TypeError {
  /** Identifies the class, also across copies of this package. */
  override readonly name = 'OptionError'
  /** The name of the option. */
  readonly option: string

  /**
   * @param option the name of the option
   * @param received the value that was passed
   * @param takes the accepted values, as the end of the sentence "it takes ..."
   */
  constructor(option: string, received: unknown, takes: string) {
    super(`stampede: option "${option}" got ${describe(received)}; it takes ${takes}`)
    this.option = option
  }
}

/** A fetch took longer than its `timeout`. Every caller of that fetch gets this error. */
export class TimeoutError extends Error {
  /** Identifies the class, also across copies of this package. */
  override readonly name = 'TimeoutError'
  /** The key of the fetch. */
  readonly key: string
  /** The option that set the limit. */
  readonly option = 'timeout'

  /** @param ms the limit, milliseconds */
  constructor(key: string, ms: number) {
    super(
      `stampede: the fetch for key ${describe(key)} took longer than its timeout of ${ms} ms; ` +
        `raise the option "timeout" if it may, and check that it does not wait for its own key`,
    )
    this.key = key
  }
}

/** `fetchMany` left a key out of its result. */
export class MissingKeyError extends Error {
  /** Identifies the class, also across copies of this package. */
  override readonly name = 'MissingKeyError'
  /** The key that was left out. */
  readonly key: string

  constructor(key: string) {
    super(
      `stampede: fetchMany gave no value for key ${describe(key)}; ` +
        'put every key that it is asked for into its Map, with undefined where there is nothing',
    )
    this.key = key
  }
}

/** The value can be read only once, as a `Response`, a stream or an iterator, so several callers cannot share it. No caller gets it. */
export class SingleUseError extends TypeError {
  /** Identifies the class, also across copies of this package. */
  override readonly name = 'SingleUseError'
  /** The key of the value. */
  readonly key: string

  /** @param kind the kind of the value, with its article */
  constructor(key: string, kind: string) {
    super(
      `stampede: the value for key ${describe(key)} is ${kind}, which can be read only once and so cannot be shared; ` +
        'give what was read of it, such as `await response.json()`, or an array of all its items',
    )
    this.key = key
  }
}

const SHOWN_LENGTH = 60
/** An array may contain itself. */
const SHOWN_DEPTH = 2

/** A value for an error message: its type is visible, and it is short. */
function describe(value: unknown, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value))
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value) && depth < SHOWN_DEPTH)
    return `an array (${shorten(value.map(item => describe(item, depth + 1)).join(', '))})`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}

function shorten(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text
}

/** A promise that rejects with exactly this reason. */
export function rejected<T>(reason: unknown): Promise<T> {
  return new Promise<T>((_resolve, reject) => reject(reason))
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  return 'then' in value && typeof value.then === 'function'
}
