import { OptionError } from '../../base/errors.ts'
import { isDuration } from '../../base/option-rules.ts'
import type { RequestView } from '../contract/contract.ts'
import {
  type Match,
  type ResolvedRouteOptions,
  resolveRouteOptions,
  type ResponseView,
} from '../options/http-options.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import { pathOf } from '../rfc/request-target.ts'
import { isOfOneRequest } from '../rfc/storable.ts'
import { keyedHeaders, noneOf, part } from './key.ts'
import { relevantHeadersFor, bypassHeadersFor } from './participation.ts'
import { type RouteScope, scopeOf } from './route-scope.ts'

/**
 * Redirects that a plain number does not store (RFC 9110 s15.4): only their own headers or a function of an option do.
 */
const TEMPORARY_REDIRECT = new Set([302, 303, 307])

/**
 * Prepares the options of one route: its own, or else those of the instance.
 *
 * @param origin where the options of the route were written, for errors
 * @throws {OptionError} for a wrong value or an unknown name
 */
export function policyOf(
  base: ResolvedRouteOptions,
  route: unknown,
  origin: string,
  scope: RouteScope | string,
): HttpPolicy {
  return compile(resolveRouteOptions(base, route, origin), scopeOf(scope))
}

function compile(options: ResolvedRouteOptions, { text: scope, isLocal, isConstrained }: RouteScope): HttpPolicy {
  const { credentials, key, ttl, errorTtl } = options
  if (credentials === 'keyed' && key === undefined) {
    throw new OptionError(
      'credentials',
      credentials,
      '\'keyed\' only together with the option "key", which says who is asking',
    )
  }
  const credentialHeaders = lowerCase(options.credentialHeaders)
  const keyHeaders = [...new Set(lowerCase(options.vary))].sort()
  const keyed = keyedHeaders({ keyHeaders, credentials, credentialHeaders })
  const bypassHeaders = bypassHeadersFor(credentials === 'bypass' ? credentialHeaders : [])
  return {
    scope,
    // Routes that share an instance may have other headers in their keys, whose values must not be confused.
    scopeKey: part(scope) + part([...keyed, ...(options.cookies ?? [])].join(' ')),
    isLocal,
    isConstrained,
    lifetime: response => {
      if (response.status >= 400)
        return typeof errorTtl === 'number' && isOfOneRequest(response.status)
          ? 0
          : lifetimeBy('errorTtl', errorTtl, response)
      return typeof ttl === 'number' && TEMPORARY_REDIRECT.has(response.status) ? 0 : lifetimeBy('ttl', ttl, response)
    },
    staleWhileRevalidate: options.staleWhileRevalidate,
    staleIfError: options.staleIfError,
    methods: options.methods,
    match: matcher(options.match),
    key,
    tags: [...options.tags],
    keyHeaders,
    query: options.query,
    credentials,
    credentialHeaders,
    cookies: options.cookies,
    bypassHeaders,
    relevantHeaders: relevantHeadersFor(bypassHeaders, keyed),
    plainKey: noneOf(keyed),
    clientDirectives: options.clientDirectives,
    targetList: lowerCase(options.targetList),
    omitHeaders: lowerCase(options.omitHeaders),
    maxBodyBytes: options.maxBodyBytes,
    waitTimeout: options.waitTimeout,
    cacheStatus: options.cacheStatus,
    xCache: options.xCache,
  }
}

function lifetimeBy(
  option: string,
  ttl: number | ((response: ResponseView) => number),
  response: ResponseView,
): number {
  if (typeof ttl === 'number') return ttl
  const made: unknown = ttl(response)
  if (!isDuration(made))
    throw new OptionError(option, made, 'a function that returns a duration in milliseconds, 0 or more')
  return made
}

function matcher(match: ResolvedRouteOptions['match']): (view: RequestView) => boolean {
  if (match === undefined) return () => true
  const tests = (Array.isArray(match) ? match : [match]).map((item: Match) => {
    if (typeof item === 'function') return item
    if (typeof item === 'string') return (view: RequestView) => pathOf(view.target) === item
    // Without g and y, whose lastIndex would make every second test of the same path fail.
    const pattern = new RegExp(item.source, item.flags.replace(/[gy]/g, ''))
    return (view: RequestView) => pattern.test(pathOf(view.target))
  })
  return view => tests.some(test => isTrue(test(view)))
}

/** A promise would always count as true. */
function isTrue(made: unknown): boolean {
  if (typeof made === 'object' && made !== null)
    throw new TypeError('stampede: option "match" returned an object; it returns true or false, and no promise')
  return Boolean(made)
}

function lowerCase(names: readonly string[]): readonly string[] {
  return names.map(name => name.toLowerCase())
}
