import { OptionError } from '../base/errors.ts'

/** @throws {OptionError} for a key that is no string */
export function checkKey(key: unknown): void {
  if (typeof key !== 'string') throw new OptionError('key', key, 'a string')
}

/** @throws {OptionError} for anything but a function */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new OptionError(name, value, 'a function')
}

/** Each key once. @throws {OptionError} for anything but an iterable of strings */
export function checkedKeys(keys: unknown): readonly string[] {
  const isList = typeof keys === 'object' && keys !== null && Symbol.iterator in keys
  if (!isList) throw new OptionError('keys', keys, 'an iterable of strings')
  const list: readonly unknown[] = [...new Set(keys as Iterable<unknown>)]
  for (const key of list) checkKey(key)
  return list as readonly string[]
}
