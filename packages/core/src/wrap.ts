import { OptionError } from './errors.ts'
import type { CallOptions } from './function-options.ts'
import type { Reach } from './reports.ts'

/** Options of `wrap`: those of a call, and the key. */
export interface WrapOptions<Args extends readonly unknown[]> extends Omit<CallOptions, 'signal'> {
  /** The key for these arguments. Default: from the arguments, where all are strings, numbers, booleans, null or undefined. */
  readonly key?: ((...args: Args) => string) | undefined
}

/** A function whose results are shared and stored. */
export interface Wrapped<Args extends readonly unknown[], Value> {
  /** The shared or stored result for these arguments, as `get` gives it. */
  (...args: Args): Promise<Value>
  /** Drops the result for these arguments, and fences what is in flight for it. */
  delete(...args: Args): Promise<Reach>
  /** Runs the function though its result is stored, or joins a flight that is under way. */
  refresh(...args: Args): Promise<Value>
}

/** A key by which no two lists of arguments are taken for one another. */
export function keyOfArguments(prefix: string, args: readonly unknown[]): string {
  return prefix + args.map((argument, index) => part(argument, index)).join('')
}

function part(argument: unknown, index: number): string {
  if (typeof argument === 'string') return `s${argument.length}:${argument}`
  if (argument === null || ['number', 'boolean', 'undefined', 'bigint'].includes(typeof argument)) {
    return `${typeof argument}:${String(argument)};`
  }
  throw new OptionError(
    'key',
    argument,
    `the place of argument ${index + 1}: only strings, numbers, booleans, null and undefined make a key by themselves. Pass wrap(fn, { key: (...args) => string })`,
  )
}
