import type { Clock } from './clock.ts'
import {
  callback,
  checkOptions,
  clockRule,
  count,
  duration,
  limit,
  type OptionRules,
  resolveOptions,
} from './options.ts'

/** Options of a {@link Stampede}. All optional; `undefined` means unset. Durations are milliseconds. */
export interface StampedeOptions {
  /** Bound on the entries stored. Default 1000. */
  readonly maxEntries?: number | undefined
  /** Freshness lifetime. Default 0: coalesce only, store nothing. */
  readonly ttl?: number | undefined
  /** How long past the ttl a stale value is returned while one refresh runs (RFC 5861 s3). Default 0. */
  readonly staleWhileRevalidate?: number | undefined
  /**
   * How long one fetch may take. Then its signal aborts, its callers get a `TimeoutError` and the key is free.
   * Default 30 000; `Infinity` for no limit.
   */
  readonly timeout?: number | undefined
  /** The time and timers to use. Default: the runtime's monotonic clock. */
  readonly clock?: Clock | undefined
}

/** Options of one call. Those of the call that starts a flight hold for its result. */
export interface CallOptions {
  readonly ttl?: number | undefined
  readonly staleWhileRevalidate?: number | undefined
  readonly timeout?: number | undefined
  /** Lets this caller leave: it rejects with the signal's reason, and the flight goes on for the others. */
  readonly signal?: AbortSignal | undefined
}

/** Options of one `set`. */
export interface SetOptions {
  readonly ttl?: number | undefined
  readonly staleWhileRevalidate?: number | undefined
}

/** What a flight keeps of the options: those of the call over those of the instance. */
export interface Settings {
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly timeout: number
}

interface Resolved extends Settings {
  readonly maxEntries: number
  readonly clock: Clock | undefined
}

const rules: OptionRules<Resolved> = {
  maxEntries: count(1000),
  ttl: duration(0),
  staleWhileRevalidate: duration(0),
  timeout: limit(30_000),
  clock: clockRule<Clock>(),
}

const setRules: OptionRules<SetOptions> = {
  ttl: rules.ttl,
  staleWhileRevalidate: rules.staleWhileRevalidate,
}

const callRules: OptionRules<CallOptions> = {
  ...setRules,
  timeout: rules.timeout,
  signal: { ...callback<AbortSignal>('an AbortSignal'), accepts: isSignal },
}

export function resolveStampedeOptions(given: unknown): Resolved {
  return resolveOptions(rules, given)
}

/** The settings of one `get`, `getFresh` or `refresh`. @throws {OptionError} for a wrong option */
export function settingsOfCall(base: Settings, given: CallOptions | undefined): Settings {
  if (given === undefined) return base
  checkOptions(callRules, given)
  return override(base, given)
}

/** The settings of one `set`. @throws {OptionError} for a wrong option */
export function settingsOfSet(base: Settings, given: SetOptions | undefined): Settings {
  if (given === undefined) return base
  checkOptions(setRules, given)
  return override(base, given)
}

function override(base: Settings, given: CallOptions): Settings {
  return {
    ttl: given.ttl ?? base.ttl,
    staleWhileRevalidate: given.staleWhileRevalidate ?? base.staleWhileRevalidate,
    timeout: given.timeout ?? base.timeout,
  }
}

function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'aborted' in value && 'addEventListener' in value && typeof value.addEventListener === 'function'
}
