/** An option, or an argument of a call, that cannot be: thrown at once, before anything is changed. */
export class OptionError extends TypeError {
  /** By which it is told from other errors across copies of this package. */
  override readonly name = 'OptionError'
  /** The option's name, as it is written in code. */
  readonly option: string

  /**
   * @param option the option's name
   * @param received what was given
   * @param takes what it takes, as the end of the sentence "it takes ..."
   */
  constructor(option: string, received: unknown, takes: string) {
    super(`stampede: option "${option}" got ${describe(received)}; it takes ${takes}`)
    this.option = option
  }
}

/** A fetch that took longer than its `timeout`. Given to every caller of that flight. */
export class TimeoutError extends Error {
  /** By which it is told from other errors across copies of this package. */
  override readonly name = 'TimeoutError'
  /** The key of the flight. */
  readonly key: string
  /** The option that set the limit. */
  readonly option = 'timeout'

  /** @param ms the limit that was passed, milliseconds */
  constructor(key: string, ms: number) {
    super(
      `stampede: the fetch for key ${describe(key)} took longer than its timeout of ${ms} ms; ` +
        `raise the option "timeout" if it may, and check that it does not wait for its own key`,
    )
    this.key = key
  }
}

/** A key that the `fetchMany` of a `getMany` left out of its result. */
export class MissingKeyError extends Error {
  /** By which it is told from other errors across copies of this package. */
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

/** A value that can be read only once: a `Response`, a stream or an iterator. Nobody gets it, as no two callers could use it. */
export class SingleUseError extends TypeError {
  /** By which it is told from other errors across copies of this package. */
  override readonly name = 'SingleUseError'
  /** The key of the value. */
  readonly key: string

  /** @param kind what the value is, with its article */
  constructor(key: string, kind: string) {
    super(
      `stampede: the value for key ${describe(key)} is ${kind}, which can be read only once and so cannot be shared; ` +
        'give what was read of it, such as `await response.json()`, or an array of all its items',
    )
    this.key = key
  }
}

const SHOWN_LENGTH = 60
/** An array may hold itself. */
const SHOWN_DEPTH = 2

/** A value as it is shown in an error: its type can be told from it, and it is never long. */
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

/** A rejection with exactly this reason, whatever it is. */
export function rejected<T>(reason: unknown): Promise<T> {
  return new Promise<T>((_resolve, reject) => reject(reason))
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  return 'then' in value && typeof value.then === 'function'
}
