import type { Clock } from '../../base/clock.ts'
import type { SharedStore } from '../../fleet/shared-store.ts'
import {
  callback,
  clockRule,
  count,
  duration,
  flag,
  isDuration,
  isTagNames,
  limit,
  type OptionRule,
  type OptionRules,
  resolveOptions,
  TAG_NAMES,
} from '../../base/option-rules.ts'
import { storeRule } from '../../fleet/store-contract-checks.ts'
import { credentialHeaders } from './credential-headers.ts'
import { isFieldName } from '../rfc/headers.ts'
import type { HttpEvent } from './http-events.ts'
import { OWN_TARGETED } from '../rfc/targeted.ts'
import type { RequestView } from '../contract/contract.ts'

/** What an option that is a function sees of a response. */
export interface ResponseView {
  /** Of the final head. */
  readonly status: number
  /** The value of a header by its name, repeated lines joined by ', '. */
  header(name: string): string | undefined
}

/** Which requests take part: an exact path, a pattern for the path, or a predicate. */
export type Match = string | RegExp | ((view: RequestView) => boolean)

/** Options that a single route may set for itself. All optional; `undefined` means unset. Durations are milliseconds. */
export interface RouteOptions {
  /** Freshness lifetime of a response below 400 that states none. Default 0: collapse only. */
  readonly ttl?: number | ((response: ResponseView) => number) | undefined
  /** The same for status 400 and above. Default 0. */
  readonly errorTtl?: number | ((response: ResponseView) => number) | undefined
  /**
   * How long past its lifetime a response that states no such window is given while one refresh runs (RFC 5861).
   * Default 0.
   */
  readonly staleWhileRevalidate?: number | undefined
  /** The same where the handler fails: it throws, or answers with status 500 or above. Default 0. */
  readonly staleIfError?: number | undefined
  /**
   * Methods that take part, in upper case. Default GET and HEAD. With any other the request's body and its Content-*
   * headers are part of the key; one over 1 MiB bypasses. All that asks the same then gets one run's answer.
   */
  readonly methods?: readonly string[] | undefined
  /** Which requests take part. Default: all. */
  readonly match?: Match | readonly Match[] | undefined
  /** The key in place of path and query; null = bypass. Method, scheme, host and what the framework routed by stay in the key. */
  readonly key?: ((view: RequestView) => string | null) | undefined
  /** Names to invalidate responses by. Default: none. */
  readonly tags?: readonly string[] | undefined
  /** Request headers that are part of every key. */
  readonly vary?: readonly string[] | undefined
  /** `'sorted'`, or the names of the query parameters that count. Default: the query as sent. */
  readonly query?: 'sorted' | readonly string[] | undefined
  /** What becomes of requests that carry credentials. Default `'bypass'`. */
  readonly credentials?: 'bypass' | 'separate' | 'keyed' | 'share' | undefined
  /** Request headers that count as credentials. */
  readonly credentialHeaders?: readonly string[] | undefined
  /** Names of the cookies that identify somebody. Default: every cookie does. */
  readonly cookies?: readonly string[] | undefined
  /** Whether a request's own `Cache-Control` decides what it gets (RFC 9111 s5.2.1). Default `'ignore'`. */
  readonly clientDirectives?: 'ignore' | 'honor' | undefined
  /**
   * The targeted fields that are obeyed in place of `Cache-Control` and `Expires`, in this order (RFC 9213 s2.2). All but
   * `Stampede-Cache-Control` are sent on. Default: that one alone.
   */
  readonly targetList?: readonly string[] | undefined
  /** Response headers, beside the built-in ones, that are never replayed. */
  readonly omitHeaders?: readonly string[] | undefined
  /** A larger body is neither stored nor joined once it has come to be so. Default 1 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** How long a follower waits, from its own arrival, for the head of a leader's answer. Then it runs its own. Default 30 000. */
  readonly waitTimeout?: number | undefined
  /** The cache's name in the `Cache-Status` field (RFC 9211); false = no field. Default `'stampede'`. */
  readonly cacheStatus?: string | false | undefined
  /** Adds `X-Cache: HIT / MISS / STALE / COLLAPSED / BYPASS`. Default false. */
  readonly xCache?: boolean | undefined
}

/** Options of an instance. */
export interface InstanceOptions extends RouteOptions {
  /** Bound on the stored responses. Default 1000. */
  readonly maxEntries?: number | undefined
  /** Bound on the bytes of the stored responses, keys and headers included, and of the bodies on their way. Default 64 MiB. */
  readonly maxBytes?: number | undefined
  /** A tier that processes share: one run of the handler a key over all of them. Default: none, the process is for itself. */
  readonly store?: SharedStore | undefined
  /** The time and timers to use. Default: the runtime's monotonic clock. */
  readonly clock?: Clock | undefined
  /** Called with one tagged event for each thing that happened. What it throws is contained. */
  readonly onEvent?: ((event: HttpEvent) => void) | undefined
}

/** Every option given or by default; those named stay unset where nothing was given. */
type Resolved<T, Open extends keyof T> = {
  readonly [Name in keyof T]-?: Name extends Open ? T[Name] : Exclude<T[Name], undefined>
}

export type ResolvedRouteOptions = Resolved<RouteOptions, 'match' | 'key' | 'query' | 'cookies'>
export type ResolvedHttpOptions = Resolved<
  InstanceOptions,
  'match' | 'key' | 'query' | 'cookies' | 'clock' | 'store' | 'onEvent'
>

const DEFAULT_METHODS = ['GET', 'HEAD']
/** Answers to CONNECT, OPTIONS and TRACE speak of the connection, or by headers that no key has in it. */
const METHODS = [...DEFAULT_METHODS, 'POST', 'QUERY', 'SEARCH', 'REPORT', 'PROPFIND', 'PUT', 'PATCH', 'DELETE']
const MIB = 2 ** 20

const headerNames: (byDefault: readonly string[]) => OptionRule<readonly string[]> = byDefault => ({
  takes: 'an array of header names',
  default: byDefault,
  accepts: value => isArrayOf(value, item => typeof item === 'string' && isFieldName(item)),
})

const lifetime: OptionRule<NonNullable<RouteOptions['ttl']>> = {
  takes: 'a duration in milliseconds: a number, 0 or more, or a function (response) => ms',
  default: 0,
  accepts: value => isDuration(value) || typeof value === 'function',
}

const routeRules: OptionRules<ResolvedRouteOptions> = {
  ttl: lifetime,
  errorTtl: lifetime,
  staleWhileRevalidate: duration(0),
  staleIfError: duration(0),
  methods: {
    takes: `an array of methods, in upper case, from ${METHODS.join(', ')}`,
    default: DEFAULT_METHODS,
    accepts: value => isArrayOf(value, item => METHODS.includes(item as string)),
  },
  match: {
    takes: 'exact paths that begin with "/", RegExps, functions (view) => boolean, or an array of them',
    default: undefined,
    accepts: value => (Array.isArray(value) ? value.length > 0 && value.every(isMatch) : isMatch(value)),
  },
  key: callback('a function (view) => string | null'),
  tags: { takes: `an array of ${TAG_NAMES}`, default: [], accepts: isTagNames },
  vary: headerNames([]),
  query: {
    takes: "'sorted', or an array of parameter names",
    default: undefined,
    accepts: value => value === 'sorted' || isArrayOf(value, item => typeof item === 'string'),
  },
  credentials: {
    takes: "'bypass', 'separate', 'keyed' or 'share'",
    default: 'bypass',
    accepts: value => ['bypass', 'separate', 'keyed', 'share'].includes(value as string),
  },
  credentialHeaders: headerNames(credentialHeaders),
  cookies: {
    takes: 'an array of cookie names',
    default: undefined,
    accepts: value => isArrayOf(value, item => typeof item === 'string' && isFieldName(item)),
  },
  clientDirectives: {
    takes: "'ignore' or 'honor'",
    default: 'ignore',
    accepts: value => value === 'ignore' || value === 'honor',
  },
  targetList: headerNames([OWN_TARGETED]),
  omitHeaders: headerNames([]),
  maxBodyBytes: { takes: 'a number of bytes, 0 or more', default: MIB, accepts: isDuration },
  waitTimeout: limit(30_000),
  cacheStatus: {
    takes: 'a name of letters, digits and "-", "_", "." that begins with a letter, or false',
    default: 'stampede',
    // RFC 9211 s2: a Token or a String of Structured Fields; a token needs no quotes.
    accepts: value => value === false || (typeof value === 'string' && /^[A-Za-z][\w.-]*$/.test(value)),
  },
  xCache: flag(false),
}

const httpRules: OptionRules<ResolvedHttpOptions & { readonly instance: unknown }> = {
  ...routeRules,
  instance: {
    takes: 'an HttpStampede of @stampede/core/http',
    default: undefined,
    accepts: value => typeof value === 'object',
  },
  maxEntries: count(1000),
  maxBytes: { takes: 'a number of bytes, 0 or more, or Infinity', default: 64 * MIB, accepts: isDuration },
  store: storeRule(),
  clock: clockRule<Clock>(),
  onEvent: callback('a function (event) => void'),
}

/** The options of one route: its own over those of the instance. @throws {OptionError} as `resolveHttpOptions` */
export function resolveRouteOptions(base: ResolvedRouteOptions, route: unknown, origin: string): ResolvedRouteOptions {
  const rules = Object.fromEntries(
    Object.entries(routeRules).map(([name, rule]) => [name, { ...rule, default: base[name as keyof RouteOptions] }]),
  ) as OptionRules<ResolvedRouteOptions>
  return resolveOptions(rules, route, origin)
}

/** All options of an adapter, checked and filled in. @throws {OptionError} for a wrong value or an unknown name */
export function resolveHttpOptions(given: unknown): ResolvedHttpOptions {
  return resolveOptions(httpRules, given)
}

/** The options of an adapter that shares an instance: its own for routes over those of the instance. */
export function resolveSharedOptions(base: ResolvedHttpOptions, given: object | undefined): ResolvedHttpOptions {
  const own = Object.fromEntries(Object.entries(given ?? {}).filter(([name]) => name !== 'instance'))
  return { ...base, ...resolveRouteOptions(base, own, '') }
}

function isArrayOf(value: unknown, accepts: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(accepts)
}

function isMatch(value: unknown): boolean {
  return typeof value === 'function' || value instanceof RegExp || (typeof value === 'string' && value.startsWith('/'))
}
