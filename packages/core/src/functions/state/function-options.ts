import type { Clock } from '../../base/clock.ts'
import { OptionError } from '../../base/errors.ts'
import type { StampedeEvent } from './function-events.ts'
import type { SharedStore } from '../../fleet/shared-store.ts'
import {
  callback,
  checkOptions,
  clockRule,
  count,
  duration,
  fraction,
  isDuration,
  isSignal,
  isTags,
  limit,
  type OptionRule,
  type OptionRules,
  resolveOptions,
} from '../../base/option-rules.ts'
import { storeRule } from '../../fleet/store-contract-checks.ts'

/** How long what a fetch yields is kept, and how long the fetch may take. Durations are milliseconds. */
export interface LifetimeOptions {
  /** Freshness lifetime. Default 0: coalesce only, store nothing. */
  readonly ttl?: number | undefined
  /** How long past the ttl a stale value is returned while one refresh runs (RFC 5861 s3). Default 0. */
  readonly staleWhileRevalidate?: number | undefined
  /** How long past the ttl a stale value is returned when the fetch fails (RFC 5861 s4). Default 0. */
  readonly staleIfError?: number | undefined
  /** How long a failure is kept and given again, where no stale value can be. Default 0. */
  readonly errorTtl?: number | undefined
  /**
   * How long one fetch may take. Then its signal aborts, its callers get a `TimeoutError` and the key is free.
   * Default 30 000; `Infinity` for no limit.
   */
  readonly timeout?: number | undefined
}

/** Options of a {@link Stampede}. All optional; `undefined` means unset. Durations are milliseconds. */
export interface StampedeOptions<Value = unknown> extends LifetimeOptions {
  /** Bound on the entries stored, 1 or more; S3-FIFO (Yang et al., SOSP 2023) says which one leaves. Default 1000. */
  readonly maxEntries?: number | undefined
  /** Bound on the bytes stored: what `sizeOf` says of the values, and the keys. Default: no bound. Needs `sizeOf`. */
  readonly maxBytes?: number | undefined
  /** The bytes of a value, 0 or more; what cannot be measured is not stored. Default: values are not measured. */
  readonly sizeOf?: ((value: Value, key: string) => number) | undefined
  /** Part of the ttl, 0 to 1, that is taken off at random, so that keys stored together do not expire together. Default 0. */
  readonly jitter?: number | undefined
  /** The beta of XFetch (Vattani et al., VLDB 2015): refresh ahead of expiry, the likelier the longer the fetch takes. 1 is the optimum. Default 0: off. */
  readonly earlyRefresh?: number | undefined
  /** How long a caller waits for a fetch while a stale value could be given; then it gets that. Default `Infinity`. */
  readonly softTimeout?: number | undefined
  /**
   * A tier that processes share: one fetch a key over all of them. Values go through it as bytes, text or JSON; what JSON would
   * change stays in the process, with an event. Default: none, the process is for itself.
   */
  readonly store?: SharedStore | undefined
  /** Bound on the flights under way; over it a fetch runs beside them, joined by nobody. Default 10 000. */
  readonly maxFlights?: number | undefined
  /** The time and timers to use. Default: the runtime's monotonic clock. */
  readonly clock?: Clock | undefined
  /** Draws from 0 up to, and not, 1, for `jitter` and `earlyRefresh`. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Called with one tagged event for each thing that happened. What it throws is contained. Default: none. */
  readonly onEvent?: ((event: StampedeEvent) => void) | undefined
}

/** Options of one `set`. */
export interface SetOptions {
  /** Freshness lifetime, milliseconds. Default: that of the cache. With 0 nothing is stored, and what was there is dropped. */
  readonly ttl?: number | undefined
  /** How long past the ttl it is returned while one refresh runs, milliseconds. Default: that of the cache. */
  readonly staleWhileRevalidate?: number | undefined
  /** How long past the ttl it is returned when the fetch fails, milliseconds. Default: that of the cache. */
  readonly staleIfError?: number | undefined
  /** What `invalidateTags` can drop the value by. Default: none. */
  readonly tags?: readonly string[] | undefined
}

/**
 * Options of one call; what is unset is as the cache has it. Those of the call that starts a flight hold for its result, those
 * of a call that is answered otherwise for nothing but its own `signal`.
 */
export interface CallOptions extends LifetimeOptions {
  /** What `invalidateTags` can drop the result by. Default: none. */
  readonly tags?: readonly string[] | undefined
  /** Lets this caller leave: it rejects with the signal's reason, and the flight goes on for the others. Default: none. */
  readonly signal?: AbortSignal | undefined
}

/** What a flight and its entry keep of the options: those of the call over those of the instance. */
export interface Settings {
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  readonly errorTtl: number
  readonly jitter: number
  readonly earlyRefresh: number
  readonly timeout: number
  readonly softTimeout: number
  readonly tags: readonly string[]
}

type Resolved<Value> = Omit<Settings, 'tags'> & {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly sizeOf: ((value: Value, key: string) => number) | undefined
  readonly store: SharedStore | undefined
  readonly maxFlights: number
  readonly clock: Clock | undefined
  readonly random: () => number
  readonly onEvent: ((event: StampedeEvent) => void) | undefined
}

const lifetimeRules: OptionRules<Pick<Settings, keyof LifetimeOptions>> = {
  ttl: duration(0),
  staleWhileRevalidate: duration(0),
  staleIfError: duration(0),
  errorTtl: duration(0),
  timeout: limit(30_000),
}

const tags: OptionRule<readonly string[]> = {
  takes: 'an array of strings',
  default: [],
  accepts: isTags,
}

export const setRules: OptionRules<SetOptions> = {
  ttl: lifetimeRules.ttl,
  staleWhileRevalidate: lifetimeRules.staleWhileRevalidate,
  staleIfError: lifetimeRules.staleIfError,
  tags,
}

const callRules: OptionRules<CallOptions> = {
  ...lifetimeRules,
  tags,
  signal: { ...callback<AbortSignal>('an AbortSignal'), accepts: isSignal },
}

/** One signal would end all calls of the wrapped function: it has no place there. */
export const wrapRules: OptionRules<Omit<CallOptions, 'signal'> & { readonly key?: unknown }> = {
  ...lifetimeRules,
  tags,
  key: callback('a function (...args) => string'),
}

function rulesFor<Value>(): OptionRules<Resolved<Value>> {
  return {
    ...lifetimeRules,
    maxEntries: count(1000),
    maxBytes: {
      takes: 'a number of bytes, 0 or more, or Infinity',
      default: Number.POSITIVE_INFINITY,
      accepts: isDuration,
    },
    sizeOf: callback('a function (value, key) => bytes'),
    jitter: fraction(0),
    earlyRefresh: { takes: 'a number, 0 or more: the beta of XFetch', default: 0, accepts: isBeta },
    softTimeout: limit(Number.POSITIVE_INFINITY),
    store: storeRule(),
    maxFlights: count(10_000),
    clock: clockRule<Clock>(),
    random: { ...callback<() => number>('a function () => number'), default: Math.random },
    onEvent: callback('a function (event) => void'),
  }
}

/** All options, checked and filled in. @throws {OptionError} for a wrong value or an unknown name */
export function resolveStampedeOptions<Value>(given: StampedeOptions<Value> | undefined): Resolved<Value> {
  const options = resolveOptions(rulesFor<Value>(), given)
  if (options.maxBytes !== Number.POSITIVE_INFINITY && options.sizeOf === undefined) {
    throw new OptionError('maxBytes', options.maxBytes, 'a bound only together with the option "sizeOf"')
  }
  return options
}

/**
 * The settings of one call, or of one `set` by its rules. The same object where nothing is another: it is what most
 * entries share.
 *
 * @throws {OptionError} for a wrong option
 */
export function settingsOf(
  base: Settings,
  given: CallOptions | undefined,
  rules: OptionRules<SetOptions> = callRules,
): Settings {
  if (given === undefined) return base
  const options = Object.entries(checkOptions(rules, given))
  const others = options.filter(([name, value]) => name !== 'signal' && value !== undefined)
  if (others.length === 0) return base
  // A copy: its owner may change the list while the flight is under way.
  return { ...base, ...Object.fromEntries(others), tags: given.tags?.slice() ?? base.tags }
}

function isBeta(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
}
