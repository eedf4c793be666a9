import type { HttpPolicy } from '../options/http-policy.ts'
import type { RequestView } from '../contract/contract.ts'

/** Headers in which a proxy states the original request: handlers build links and redirects from them. */
export const FORWARDED: readonly string[] = ['x-forwarded-proto', 'x-forwarded-host', 'forwarded']

/** Headers that are part of every key. */
export function keyedHeaders({
  keyHeaders,
  credentials,
  credentialHeaders,
}: Pick<HttpPolicy, 'keyHeaders' | 'credentials' | 'credentialHeaders'>): readonly string[] {
  return [...FORWARDED, ...keyHeaders, ...(credentials === 'separate' ? credentialHeaders : [])]
}

/** The part of a key that stands for the absence of these headers. */
export function noneOf(keyed: readonly string[]): string {
  return keyed.map(() => part(undefined)).join('')
}

/**
 * The primary key of a request (RFC 9111 s2), or null if the `key` option excludes it.
 *
 * @param plain whether the request has none of the headers in the key
 */
export function primaryKey(view: RequestView, policy: HttpPolicy, plain = false): string | null {
  const resource =
    policy.key === undefined ? part(`t${targetOf(view.target, policy.query)}`) : customKey(view, policy.key)
  if (resource === null) return null
  // No other part begins like this, so a key with a routed path differs from one without.
  const routed = view.routed === undefined ? '' : `>${part(routedOf(view.routed, view.target, policy.query))}`
  const { scheme, host } = view
  // An empty Host field differs from an absent one (RFC 9112 s3.2).
  const place = policy.scopeKey + part(scheme) + part(host === '' ? view.header('host') : host) + resource + routed
  return place + (plain ? policy.plainKey : headersKey(view, policy))
}

function headersKey(view: RequestView, policy: HttpPolicy): string {
  const asker = policy.credentials === 'separate' ? credentialsOf(view, policy) : ''
  return selectedBy(view, FORWARDED) + selectedBy(view, policy.keyHeaders) + asker
}

function credentialsOf(view: RequestView, policy: HttpPolicy): string {
  let shown = ''
  for (const name of policy.credentialHeaders) {
    const value = view.header(name)
    shown += part(name === 'cookie' && value !== undefined ? countedCookies(value, policy.cookies) : value)
  }
  return shown
}

/**
 * The pairs of a Cookie field that count (option `cookies`), as sent. Text after a comma, which only some parsers take
 * for a pair, counts with the pair that contains it.
 */
export function countedCookies(cookie: string, counted: readonly string[] | undefined): string {
  if (counted === undefined) return cookie
  const pairs = cookie.split(';').map(pair => pair.trim())
  return pairs.filter(pair => pair.split(',').some(one => isCounted(one, counted))).join('; ')
}

/** `name.sig`, `name.0`: a signature, or a part of a split cookie, identifies together with its cookie. */
function isCounted(pair: string, counted: readonly string[]): boolean {
  const name = (pair.split('=', 1)[0] ?? '').trim()
  return counted.some(one => name === one || name.startsWith(`${one}.`))
}

/** The part of a key for the named headers. An absent header differs from an empty one. */
export function selectedBy(view: RequestView, names: readonly string[]): string {
  let selected = ''
  for (const name of names) selected += part(view.header(name))
  return selected
}

/** One part of a key. It begins with its length, so that no part can contain the separator. */
export function part(text: string | undefined): string {
  return text === undefined ? '-' : `${text.length}:${text}`
}

function customKey(view: RequestView, key: NonNullable<HttpPolicy['key']>): string | null {
  const made: unknown = key(view)
  if (made === null) return null
  if (typeof made !== 'string')
    throw new TypeError(`stampede: option "key" returned ${typeof made}; it returns a string, or null to bypass`)
  return part(`k${made}`)
}

/**
 * The routed path. If its query is that of the target, the query policy has handled it, or the option `key` replaced
 * it.
 */
function routedOf(routed: string, target: string, query: HttpPolicy['query']): string {
  const own = queryOf(routed)
  const isSame = own === queryOf(target) && !routed.includes('#')
  return isSame ? `=${routed.slice(0, routed.length - own.length)}` : `t${targetOf(routed, query)}`
}

/** The query, with its question mark. */
function queryOf(target: string): string {
  const mark = target.indexOf('?')
  return mark === -1 ? '' : target.slice(mark)
}

function targetOf(target: string, query: HttpPolicy['query']): string {
  // RFC 9112 s3.2: clients send no fragment, and parsers disagree on whether one ends the query.
  if (query === undefined || target.includes('#')) return target
  // Some routers start the query at `;`.
  const mark = target.search(/[?;]/)
  if (target[mark] !== '?') return target
  const parameters = target.slice(mark + 1).split('&')
  // Some parsers remove a second `?` at the start of a query, and only there.
  if (parameters.some(parameter => parameter.startsWith('?'))) return target
  const kept = query === 'sorted' ? sorted(parameters) : parameters.filter(parameter => counts(parameter, query))
  return `${target.slice(0, mark)}?${kept.join('&')}`
}

/** Sorted by decoded name, otherwise as sent: the handler sees the values of one name in their original order. */
function sorted(parameters: readonly string[]): readonly string[] {
  // For parsers that also split at `;`, a parameter contains several names.
  if (parameters.some(parameter => parameter.includes(';'))) return parameters
  return parameters
    .map(parameter => ({ parameter, name: rootOf(nameOf(parameter)) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ parameter }) => parameter)
}

/** Whether any parser may find one of these names in the parameter. Counting too many is safe. */
function counts(parameter: string, names: readonly string[]): boolean {
  return parameter
    .split(';')
    .map(nameOf)
    .some(name => names.some(counted => name === counted || rootOf(name) === counted || extend(name, counted)))
}

/** `name[...]` and `name.x`: many parsers build one object from them. */
function extend(name: string, counted: string): boolean {
  return name.startsWith(`${counted}[`) || name.startsWith(`${counted}.`)
}

/** The name of the object that parsers of nested names build; they read `[name]` and `?name` as `name`. */
function rootOf(name: string): string {
  return (/[^\s[\].?][^[\].]*/.exec(name)?.[0] ?? name).trimEnd()
}

/** The name as a handler sees it: decoded, so that no spelling of it escapes the key. */
function nameOf(parameter: string): string {
  const name = (parameter.split('=', 1)[0] ?? '').replaceAll('+', ' ')
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
