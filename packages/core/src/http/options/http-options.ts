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

/** The response, as an option that is a function sees it. */
export interface ResponseView {
  /** The final status. */
  readonly status: number
  /** The value of a header by its name; repeated lines are joined by ', '. */
  header(name: string): string | undefined
}

/** Which requests take part: an exact path, a pattern for the path, or a predicate. */
export type Match = string | RegExp | ((view: RequestView) => boolean)

/** Options that a single route may set for itself. All optional; `undefined` means unset. Durations are milliseconds. */
export interface RouteOptions {
  /** Freshness lifetime of a response below status 400 that states none. Default 0: coalesce only. */
  readonly ttl?: number | ((response: ResponseView) => number) | undefined
  /** The same for status 400 and above. Default 0. */
  readonly errorTtl?: number | ((response: ResponseView) => number) | undefined
  /**
   * How long past its lifetime a response is served while one refresh runs, if the response states no such window (RFC
   * 5861). Default 0.
   */
  readonly staleWhileRevalidate?: number | undefined
  /** The same in place of a failure: the handler throws, or answers with status 500 or above. Default 0. */
  readonly staleIfError?: number | undefined
  /**
   * Methods that take part, in upper case. For other methods than GET and HEAD, the body and the Content-* headers of
   * the request are part of the key, requests with a body over 1 MiB bypass, and all identical requests in progress
   * get the answer of one run. Default: GET and HEAD.
   */
  readonly methods?: readonly string[] | undefined
  /** Which requests take part. Default: all. */
  readonly match?: Match | readonly Match[] | undefined
  /**
   * The key in place of path and query; null bypasses. Method, scheme, host and the routed path stay part of the key.
   */
  readonly key?: ((view: RequestView) => string | null) | undefined
  /** Tags by which responses can be invalidated. Default: none. */
  readonly tags?: readonly string[] | undefined
  /** Request headers that are part of every key. */
  readonly vary?: readonly string[] | undefined
  /** `'sorted'`, or the names of the query parameters that are part of the key. Default: the query as sent. */
  readonly query?: 'sorted' | readonly string[] | undefined
  /** What happens to requests with credentials. Default `'bypass'`. */
  readonly credentials?: 'bypass' | 'separate' | 'keyed' | 'share' | undefined
  /** Request headers that count as credentials. */
  readonly credentialHeaders?: readonly string[] | undefined
  /** Names of the cookies that identify a user. Default: every cookie does. */
  readonly cookies?: readonly string[] | undefined
  /** Whether the request's own `Cache-Control` is obeyed (RFC 9111 s5.2.1). Default `'ignore'`. */
  readonly clientDirectives?: 'ignore' | 'honor' | undefined
  /**
   * Targeted fields that replace `Cache-Control` and `Expires`, in order of precedence (RFC 9213 s2.2). All but
   * `Stampede-Cache-Control` are forwarded to the client. Default: that field alone.
   */
  readonly targetList?: readonly string[] | undefined
  /** Response headers that are never replayed, in addition to the built-in ones. */
  readonly omitHeaders?: readonly string[] | undefined
  /** A larger body is neither stored nor, from then on, joined. Default 1 MiB. */
  readonly maxBodyBytes?: number | undefined
  /**
   * How long a follower waits for the head of the leader's answer, from its own arrival. After that it runs its own
   * handler. Default 30 000.
   */
  readonly waitTimeout?: number | undefined
  /** The name of the cache in the `Cache-Status` field (RFC 9211); false omits the field. Default `'stampede'`. */
  readonly cacheStatus?: string | false | undefined
  /** Adds `X-Cache: HIT / MISS / STALE / COLLAPSED / BYPASS`. Default false. */
  readonly xCache?: boolean | undefined
}

/** Options of an instance. */
export interface InstanceOptions extends RouteOptions {
  /** Maximum number of stored responses. Default 1000. */
  readonly maxEntries?: number | undefined
  /** Maximum number of bytes of stored responses, with keys and headers, and of streaming bodies. Default 64 MiB. */
  readonly maxBytes?: number | undefined
  /** A store that processes share: one run of the handler per key over all of them. Default: none. */
  readonly store?: SharedStore | undefined
  /** The clock and timers to use. Default: the monotonic clock of the runtime. */
  readonly clock?: Clock | undefined
  /** Receives every event. Its errors are ignored. */
  readonly onEvent?: ((event: HttpEvent) => void) | undefined
}

/** Every option, given or by default; the named ones stay `undefined` if they were not given. */
type Resolved<T, Open extends keyof T> = {
  readonly [Name in keyof T]-?: Name extends Open ? T[Name] : Exclude<T[Name], undefined>
}

export type ResolvedRouteOptions = Resolved<RouteOptions, 'match' | 'key' | 'query' | 'cookies'>
export type ResolvedHttpOptions = Resolved<
  InstanceOptions,
  'match' | 'key' | 'query' | 'cookies' | 'clock' | 'store' | 'onEvent'
>

const DEFAULT_METHODS = ['GET', 'HEAD']
/**
 * Without CONNECT, OPTIONS and TRACE: their answers describe the connection, or depend on headers that no key
 * contains.
 */
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

/** The options of one route, or else those of the instance. @throws {OptionError} as `resolveHttpOptions` */
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

/** The options of an adapter that shares an instance: its own route options, or else those of the instance. */
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
