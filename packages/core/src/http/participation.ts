import { countedCookies, selectedBy } from './key.ts'
import type { HttpPolicy } from './http-policy.ts'
import { hasBody, isBodiless } from './request-body.ts'
import type { RequestView } from './types.ts'

/** They make another method of the request than the one it shows. */
const METHOD_OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override']

/** Why a request takes no part, or `undefined` where it does. */
export function bypassReason(view: RequestView, policy: HttpPolicy): string | undefined {
  if (!policy.methods.includes(view.method)) return 'method'
  if (!policy.match(view)) return 'match'
  if (METHOD_OVERRIDES.some(name => view.header(name) !== undefined)) return 'method-override'
  if (isBodiless(view.method) && hasBody(view)) return 'body'
  if (view.header('upgrade') !== undefined) return 'upgrade'
  return protectedReason(view) ?? unsharedCredential(view, policy)
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

/** A credential for which the option `credentials` has no other way than to bypass. */
function unsharedCredential(view: RequestView, policy: HttpPolicy): string | undefined {
  if (policy.credentials === 'bypass') return shownCredential(view, policy)
  // A certificate is no header that could stand in the key.
  if (policy.credentials === 'separate' && view.hasClientCertificate()) return 'tls'
  return undefined
}

/** The first credential that the request carries: the header's name, or `tls` for a client certificate. */
function shownCredential(view: RequestView, policy: HttpPolicy): string | undefined {
  for (const name of policy.credentialHeaders) {
    const value = view.header(name)
    if (value !== undefined && (name !== 'cookie' || countedCookies(value, policy.cookies) !== '')) return name
  }
  return view.hasClientCertificate() ? 'tls' : undefined
}

/** Conditional headers; a leader's own answer depends on them, so only requests that sent the same share its flight. */
const CONDITIONAL = ['if-none-match', 'if-modified-since']

/** What the conditional headers of a request add to its flight's key; '' for a request without any. */
export function conditionsOf(view: RequestView): string {
  return CONDITIONAL.some(name => view.header(name) !== undefined) ? selectedBy(view, CONDITIONAL) : ''
}
