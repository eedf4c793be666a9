import { SingleUseError } from '../base/errors.ts'

/** The properties that identify a value that can be read only once. */
interface Probe {
  readonly [Symbol.toStringTag]?: unknown
  readonly [Symbol.iterator]?: unknown
  readonly [Symbol.asyncIterator]?: unknown
  readonly next?: unknown
  readonly bodyUsed?: unknown
  readonly arrayBuffer?: unknown
  readonly getReader?: unknown
  readonly pipe?: unknown
  readonly on?: unknown
  readonly tee?: unknown
}

/** The error for a value that can be read only once: a second caller would find it empty. */
export function refusalOf(key: string, value: unknown): SingleUseError | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const kind = kindOf(value)
  return kind === undefined ? undefined : new SingleUseError(key, kind)
}

/** An object whose properties cannot be read counts as a value. */
function kindOf(value: object): string | undefined {
  try {
    return kindOfProbe(value)
  } catch {
    return undefined
  }
}

function kindOfProbe(value: Probe): string | undefined {
  if (typeof value.bodyUsed === 'boolean' && isFunction(value.arrayBuffer)) {
    return value[Symbol.toStringTag] === 'Request' ? 'a Request' : 'a Response'
  }
  if (isStream(value)) return 'a stream'
  const isAsync = isFunction(value[Symbol.asyncIterator])
  if (isAsync && (isFunction(value.next) || isFunction(value.tee))) return 'an asynchronous iterator'
  return isOwnIterator(value) ? 'an iterator' : undefined
}

/** A stream of the web or of Node. */
function isStream(value: Probe): boolean {
  return isFunction(value.getReader) || (isFunction(value.pipe) && isFunction(value.on))
}

/** An iterator returns itself; an iterable that can be read again returns a new iterator each time. */
function isOwnIterator(value: Probe): boolean {
  const iterate = value[Symbol.iterator]
  return isFunction(value.next) && isFunction(iterate) && Reflect.apply(iterate, value, []) === value
}

function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === 'function'
}
