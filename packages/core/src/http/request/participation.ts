import { countedCookies, selectedBy } from './key.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import { hasBody, isBodiless } from './request-body.ts'
import type { RequestView } from '../contract/contract.ts'

/** Headers that change the method of the request. */
const METHOD_OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override']

/** The headers that can make a GET or HEAD bypass. */
export function bypassHeadersFor(credentials: readonly string[]): ReadonlySet<string> {
  const framing = ['content-length', 'transfer-encoding']
  return new Set([...METHOD_OVERRIDES, ...framing, 'upgrade', 'if-match', 'if-unmodified-since', ...credentials])
}

/**
 * All headers that are read of a GET or HEAD: those, the ones in its key and conditions, and its range.
 *
 * @param keyed headers that are part of every key
 */
export function relevantHeadersFor(bypassHeaders: ReadonlySet<string>, keyed: readonly string[]): ReadonlySet<string> {
  return new Set([...bypassHeaders, ...CONDITIONAL, 'range', 'if-range', ...keyed])
}

/**
 * Whether a GET or HEAD has none of the headers that the rules read, as with most requests. One check replaces a
 * look-up for each of the many absent headers.
 */
export function isPlain(view: RequestView, policy: HttpPolicy): boolean {
  return isBodiless(view.method) && view.mayCarry?.(policy.relevantHeaders) === false
}

/**
 * Why a request bypasses, or `undefined` if it takes part.
 *
 * @param plain the result of `isPlain`
 */
export function bypassReason(view: RequestView, policy: HttpPolicy, plain = false): string | undefined {
  if (!policy.methods.includes(view.method)) return 'method'
  if (!policy.match(view)) return 'match'
  return (plain ? undefined : reasonInHeaders(view, policy)) ?? reasonOutsideHeaders(view, policy)
}

/** The reason in its headers. */
function reasonInHeaders(view: RequestView, policy: HttpPolicy): string | undefined {
  if (isBodiless(view.method) && view.mayCarry?.(policy.bypassHeaders) === false) return undefined
  if (METHOD_OVERRIDES.some(name => view.header(name) !== undefined)) return 'method-override'
  if (isBodiless(view.method) && hasBody(view)) return 'body'
  if (view.header('upgrade') !== undefined) return 'upgrade'
  return protectedReason(view) ?? (policy.credentials === 'bypass' ? shownCredential(view, policy) : undefined)
}

/** The reason outside of its headers. */
function reasonOutsideHeaders(view: RequestView, policy: HttpPolicy): string | undefined {
  if (isBodiless(view.method) && view.hasBody?.() === true) return 'body'
  // A certificate is not a header, so it cannot be part of the key.
  const isShared = policy.credentials === 'keyed' || policy.credentials === 'share'
  return !isShared && view.hasClientCertificate() ? 'tls' : undefined
}

/** The reason of a request for a part of the answer, or for none under a condition. */
function protectedReason(view: RequestView): string | undefined {
  // RFC 9110 s13.1.1, s13.1.4: they protect a change, and only the origin can evaluate them.
  if (view.header('if-match') !== undefined || view.header('if-unmodified-since') !== undefined) return 'if-match'
  if (isBodiless(view.method)) return undefined
  // RFC 9110 s14.2, s13.1.2, s13.1.3: they have another meaning, or none, for methods other than GET and HEAD.
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

/** Conditional headers. The leader's answer depends on them, so only requests with the same ones share its flight. */
const CONDITIONAL = ['if-none-match', 'if-modified-since']

/** The part of a flight's key for the conditional headers; '' without any. */
export function conditionsOf(view: RequestView): string {
  return CONDITIONAL.some(name => view.header(name) !== undefined) ? selectedBy(view, CONDITIONAL) : ''
}
