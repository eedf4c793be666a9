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

/** How long a result is stored, and how long the fetch may take. Durations are milliseconds. */
export interface LifetimeOptions {
  /** Freshness lifetime. Default 0: coalesce only, store nothing. */
  readonly ttl?: number | undefined
  /** How long past the ttl a stale value is returned while one refresh runs (RFC 5861 s3). Default 0. */
  readonly staleWhileRevalidate?: number | undefined
  /** How long past the ttl a stale value is returned when the fetch fails (RFC 5861 s4). Default 0. */
  readonly staleIfError?: number | undefined
  /** How long an error is cached, where no stale value can be returned instead. Default 0. */
  readonly errorTtl?: number | undefined
  /**
   * How long one fetch may take. After that its signal aborts, its callers get a `TimeoutError`, and the key is free.
   * Default 30 000; `Infinity` for no limit.
   */
  readonly timeout?: number | undefined
}

/** Options of a {@link Stampede}. All optional; `undefined` means unset. Durations are milliseconds. */
export interface StampedeOptions<Value = unknown> extends LifetimeOptions {
  /** Maximum number of stored entries, 1 or more; S3-FIFO (Yang et al., SOSP 2023) evicts. Default 1000. */
  readonly maxEntries?: number | undefined
  /** Maximum number of stored bytes: the values by `sizeOf`, plus the keys. Needs `sizeOf`. Default: unlimited. */
  readonly maxBytes?: number | undefined
  /** The size of a value in bytes, 0 or more. A value whose size cannot be read is not stored. Default: sizes are not measured. */
  readonly sizeOf?: ((value: Value, key: string) => number) | undefined
  /** The largest fraction of the ttl, 0 to 1, that is subtracted at random, so that keys stored together do not expire together. Default 0. */
  readonly jitter?: number | undefined
  /** The beta of XFetch (Vattani et al., VLDB 2015): refreshes before expiry, with a probability that grows with the duration of the fetch. 1 is optimal. Default 0: off. */
  readonly earlyRefresh?: number | undefined
  /** How long a caller waits for a fetch if a stale value exists; after that it gets the stale value. Default `Infinity`. */
  readonly softTimeout?: number | undefined
  /**
   * A store that processes share: one fetch per key over all of them. Values are stored as bytes, text or JSON. A value that
   * JSON would change stays in its process, and an event reports it. Default: none.
   */
  readonly store?: SharedStore | undefined
  /** Maximum number of coalesced fetches in progress. Further fetches run uncoalesced and are not stored. Default 10 000. */
  readonly maxFlights?: number | undefined
  /** The clock and timers to use. Default: the monotonic clock of the runtime. */
  readonly clock?: Clock | undefined
  /** Returns a random number, 0 <= n < 1, for `jitter` and `earlyRefresh`. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Receives every event. Its errors are ignored. Default: none. */
  readonly onEvent?: ((event: StampedeEvent) => void) | undefined
}

/** Options of one `set`. */
export interface SetOptions {
  /** Freshness lifetime, milliseconds. 0 stores nothing and removes the stored value. Default: that of the cache. */
  readonly ttl?: number | undefined
  /** How long past the ttl it is returned while one refresh runs, milliseconds. Default: that of the cache. */
  readonly staleWhileRevalidate?: number | undefined
  /** How long past the ttl it is returned when the fetch fails, milliseconds. Default: that of the cache. */
  readonly staleIfError?: number | undefined
  /** Tags by which `invalidateTags` removes the value. Default: none. */
  readonly tags?: readonly string[] | undefined
}

/**
 * Options of one call; an unset option has the value of the cache. The options of the call that starts a fetch apply to its
 * result. Of a call that joins a fetch or finds a stored value, only `signal` counts.
 */
export interface CallOptions extends LifetimeOptions {
  /** Tags by which `invalidateTags` removes the result. Default: none. */
  readonly tags?: readonly string[] | undefined
  /** Aborts this call alone: it rejects with the reason of the signal, and the fetch continues for the other callers. Default: none. */
  readonly signal?: AbortSignal | undefined
}

/** The options that a flight and its entry need: those of the call, or else those of the cache. */
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

/** Without `signal`: one signal would abort every call of the wrapped function. */
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
 * The settings of one call, or of one `set` by its rules. Returns the common object where no setting differs: most entries
 * share it.
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
  // A copy, because the caller may change the list while the fetch runs.
  return { ...base, ...Object.fromEntries(others), tags: given.tags?.slice() ?? base.tags }
}

function isBeta(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
}
