import { countedCookies, selectedBy } from './key.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import { hasBody, isBodiless } from './request-body.ts'
import type { RequestView } from '../contract/contract.ts'

/** They make another method of the request than the one it shows. */
const METHOD_OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override']

/** The headers for which a GET or HEAD may take no part. */
export function bypassHeadersFor(credentials: readonly string[]): ReadonlySet<string> {
  const framing = ['content-length', 'transfer-encoding']
  return new Set([...METHOD_OVERRIDES, ...framing, 'upgrade', 'if-match', 'if-unmodified-since', ...credentials])
}

/**
 * All headers that are asked for in a GET or HEAD: those, what its key and its conditions are made of, and its range.
 *
 * @param keyed headers that are part of every key
 */
export function relevantHeadersFor(bypassHeaders: ReadonlySet<string>, keyed: readonly string[]): ReadonlySet<string> {
  return new Set([...bypassHeaders, ...CONDITIONAL, 'range', 'if-range', ...keyed])
}

/**
 * Whether a GET or HEAD has none of the headers that the rules ask for: the way of most requests. One look at what is
 * there, in place of one for each of the many that are not.
 */
export function isPlain(view: RequestView, policy: HttpPolicy): boolean {
  return isBodiless(view.method) && view.mayCarry?.(policy.relevantHeaders) === false
}

/**
 * Why a request takes no part, or `undefined` where it does.
 *
 * @param plain what `isPlain` says of it
 */
export function bypassReason(view: RequestView, policy: HttpPolicy, plain = false): string | undefined {
  if (!policy.methods.includes(view.method)) return 'method'
  if (!policy.match(view)) return 'match'
  return (plain ? undefined : reasonInHeaders(view, policy)) ?? reasonOutsideHeaders(view, policy)
}

/** What its headers say against it. */
function reasonInHeaders(view: RequestView, policy: HttpPolicy): string | undefined {
  if (isBodiless(view.method) && view.mayCarry?.(policy.bypassHeaders) === false) return undefined
  if (METHOD_OVERRIDES.some(name => view.header(name) !== undefined)) return 'method-override'
  if (isBodiless(view.method) && hasBody(view)) return 'body'
  if (view.header('upgrade') !== undefined) return 'upgrade'
  return protectedReason(view) ?? (policy.credentials === 'bypass' ? shownCredential(view, policy) : undefined)
}

/** What no header says. */
function reasonOutsideHeaders(view: RequestView, policy: HttpPolicy): string | undefined {
  if (isBodiless(view.method) && view.hasBody?.() === true) return 'body'
  // A certificate is no header that could stand in the key.
  const isShared = policy.credentials === 'keyed' || policy.credentials === 'share'
  return !isShared && view.hasClientCertificate() ? 'tls' : undefined
}

/** A request that asks for a part of the answer, or for none unless the origin says so. */
function protectedReason(view: RequestView): string | undefined {
  // RFC 9110 s13.1.1, s13.1.4: they protect a change; to evaluate them is the origin's.
  if (view.header('if-match') !== undefined || view.header('if-unmodified-since') !== undefined) return 'if-match'
  if (isBodiless(view.method)) return undefined
  // RFC 9110 s14.2, s13.1.2, s13.1.3: to other methods than GET and HEAD they mean something else, or nothing.
  if (view.header('range') !== undefined) return 'range'
  return conditionsOf(view) === '' ? undefined : 'conditional'
}

/** The first header that is a credential. */
function shownCredential(view: RequestView, policy: HttpPolicy): string | undefined {
  return policy.credentialHeaders.find(name => {
    const value = view.header(name)
    return value !== undefined && (name !== 'cookie' || countedCookies(value, policy.cookies) !== '')
  })
}

/** Conditional headers; a leader's own answer depends on them, so only requests that sent the same share its flight. */
const CONDITIONAL = ['if-none-match', 'if-modified-since']

/** What the conditional headers of a request add to its flight's key; '' for a request without any. */
export function conditionsOf(view: RequestView): string {
  return CONDITIONAL.some(name => view.header(name) !== undefined) ? selectedBy(view, CONDITIONAL) : ''
}
