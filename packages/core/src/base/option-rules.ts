import { OptionError } from './errors.ts'

/** The rule for one option. `default` applies if the option is absent or `undefined`. */
export interface OptionRule<T> {
  readonly takes: string
  readonly default: T
  accepts(value: unknown): boolean
}

/** The rules of a set of options, by name. */
export type OptionRules<T> = { readonly [Name in keyof T]-?: OptionRule<T[Name]> }

/**
 * Checks the given options and fills in the defaults.
 *
 * @param origin what the options belong to, for errors; '' for options of a constructor
 * @throws {OptionError} for a wrong value or an unknown name
 */
export function resolveOptions<T extends object>(rules: OptionRules<T>, given: unknown, origin = ''): T {
  const options = checkOptions(rules, given, origin)
  const resolved: Record<string, unknown> = {}
  for (const [name, rule] of Object.entries<OptionRule<unknown>>(rules)) {
    resolved[name] = options[name] === undefined ? rule.default : options[name]
  }
  return resolved as T
}

/** The given options after the same checks, without defaults. */
export function checkOptions<T extends object>(
  rules: OptionRules<T>,
  given: unknown,
  origin = '',
): Readonly<Record<string, unknown>> {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new OptionError(origin === '' ? 'options' : origin, given, 'an object')
  }
  const options = given as Record<string, unknown>
  for (const [name, value] of Object.entries(options)) checkOption(rules, name, value, origin)
  return options
}

function checkOption<T extends object>(rules: OptionRules<T>, name: string, value: unknown, origin: string): void {
  const rule = Object.hasOwn(rules, name) ? (rules as Record<string, OptionRule<unknown>>)[name] : undefined
  const shown = origin === '' ? name : `${origin}.${name}`
  if (rule === undefined) throw new UnknownOptionError(shown, value, Object.keys(rules))
  if (value !== undefined && !rule.accepts(value)) throw new OptionError(shown, value, rule.takes)
}

class UnknownOptionError extends OptionError {
  constructor(option: string, received: unknown, known: readonly string[]) {
    super(option, received, `nothing: there is no such option. Known ones: ${known.join(', ')}`)
  }
}

/** A duration in milliseconds, 0 or more. */
export function duration(byDefault: number): OptionRule<number> {
  return {
    takes: 'a duration in milliseconds: a number, 0 or more, or Infinity',
    default: byDefault,
    accepts: isDuration,
  }
}

/** A time limit in milliseconds, more than 0. */
export function limit(byDefault: number): OptionRule<number> {
  return {
    takes: 'a time limit in milliseconds: a number above 0, or Infinity for none',
    default: byDefault,
    accepts: value => isDuration(value) && value > 0,
  }
}

/** A whole number, 1 or more. */
export function count(byDefault: number): OptionRule<number> {
  return {
    takes: 'a whole number, 1 or more',
    default: byDefault,
    accepts: value => Number.isSafeInteger(value) && (value as number) >= 1,
  }
}

/** A fraction, 0 to 1. */
export function fraction(byDefault: number): OptionRule<number> {
  return {
    takes: 'a number from 0 to 1',
    default: byDefault,
    accepts: value => typeof value === 'number' && value >= 0 && value <= 1,
  }
}

/** A function, or none. */
export function callback<T>(takes: string): OptionRule<T | undefined> {
  return { takes, default: undefined, accepts: value => typeof value === 'function' }
}

/** True or false. */
export function flag(byDefault: boolean): OptionRule<boolean> {
  return { takes: 'true or false', default: byDefault, accepts: value => typeof value === 'boolean' }
}

/** A clock, or none. */
export function clockRule<T>(): OptionRule<T | undefined> {
  return {
    takes: 'a clock: an object with now(), and with setTimeout() and clearTimeout() or neither',
    default: undefined,
    accepts: value => {
      if (typeof value !== 'object' || value === null) return false
      const clock = value as Record<string, unknown>
      return (
        typeof clock['now'] === 'function' &&
        ['function', 'undefined'].includes(typeof clock['setTimeout']) &&
        typeof clock['setTimeout'] === typeof clock['clearTimeout']
      )
    },
  }
}

/** Whether the value is a number of milliseconds, 0 or more; `Infinity` counts. */
export function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}

/** Whether the value is a list of strings. */
export function isTags(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(tag => typeof tag === 'string')
}

/** The accepted tags, for errors. */
export const TAG_NAMES = 'names: strings that are not empty'

/** Whether the value is a list of tags, none of them empty. */
export function isTagNames(value: unknown): value is readonly string[] {
  return isTags(value) && !value.includes('')
}

/** Whether the value is an AbortSignal, of any realm. */
export function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'aborted' in value && 'addEventListener' in value && typeof value.addEventListener === 'function'
}
