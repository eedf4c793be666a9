import type { HttpPolicy } from '../options/http-policy.ts'
import type { RequestView } from '../contract/contract.ts'

/** Headers in which a proxy in front says how it was asked: handlers build links and redirects from them. */
export const FORWARDED: readonly string[] = ['x-forwarded-proto', 'x-forwarded-host', 'forwarded']

/** Headers that are part of every key. */
export function keyedHeaders({
  keyHeaders,
  credentials,
  credentialHeaders,
}: Pick<HttpPolicy, 'keyHeaders' | 'credentials' | 'credentialHeaders'>): readonly string[] {
  return [...FORWARDED, ...keyHeaders, ...(credentials === 'separate' ? credentialHeaders : [])]
}

/** What headers add to a key where there are none of them. */
export function noneOf(keyed: readonly string[]): string {
  return keyed.map(() => part(undefined)).join('')
}

/**
 * The primary key of a request (RFC 9111 s2), or null where the `key` option says that it takes no part.
 *
 * @param plain whether it has none of the headers that a key is made of
 */
export function primaryKey(view: RequestView, policy: HttpPolicy, plain = false): string | null {
  const resource =
    policy.key === undefined ? part(`t${targetOf(view.target, policy.query)}`) : customKey(view, policy.key)
  if (resource === null) return null
  // No part begins so: whether there is this one shows in the key.
  const routed = view.routed === undefined ? '' : `>${part(routedOf(view.routed, view.target, policy.query))}`
  const { scheme, host } = view
  // A Host field that is empty is told from none (RFC 9112 s3.2).
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
 * The pairs of a Cookie field that count (the option `cookies`), as sent. What only some parsers take for a pair, behind
 * a comma, counts with the one that it stands in.
 */
export function countedCookies(cookie: string, counted: readonly string[] | undefined): string {
  if (counted === undefined) return cookie
  const pairs = cookie.split(';').map(pair => pair.trim())
  return pairs.filter(pair => pair.split(',').some(one => isCounted(one, counted))).join('; ')
}

/** `name.sig`, `name.0`: a signature, or a piece of what is too long for one cookie, identifies with its cookie. */
function isCounted(pair: string, counted: readonly string[]): boolean {
  const name = (pair.split('=', 1)[0] ?? '').trim()
  return counted.some(one => name === one || name.startsWith(`${one}.`))
}

/** What the named headers of a request add to a key. A header that is absent is told from one that is empty. */
export function selectedBy(view: RequestView, names: readonly string[]): string {
  let selected = ''
  for (const name of names) selected += part(view.header(name))
  return selected
}

/** One part of a key. Its length stands before it, so that no part can contain what divides it from the next. */
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

/** The query of the target is judged there, or stands for something else by the option `key`. */
function routedOf(routed: string, target: string, query: HttpPolicy['query']): string {
  const own = queryOf(routed)
  const isSame = own === queryOf(target) && !routed.includes('#')
  return isSame ? `=${routed.slice(0, routed.length - own.length)}` : `t${targetOf(routed, query)}`
}

/** With its mark. */
function queryOf(target: string): string {
  const mark = target.indexOf('?')
  return mark === -1 ? '' : target.slice(mark)
}

function targetOf(target: string, query: HttpPolicy['query']): string {
  // RFC 9112 s3.2: no client sends a fragment; whether it ends the query of one that does, parsers do not agree.
  if (query === undefined || target.includes('#')) return target
  // Some routers begin the query at a `;`.
  const mark = target.search(/[?;]/)
  if (target[mark] !== '?') return target
  const parameters = target.slice(mark + 1).split('&')
  // Some parsers take one more `?` off the beginning of a query, and only there.
  if (parameters.some(parameter => parameter.startsWith('?'))) return target
  const kept = query === 'sorted' ? sorted(parameters) : parameters.filter(parameter => counts(parameter, query))
  return `${target.slice(0, mark)}?${kept.join('&')}`
}

/** By decoded name and otherwise as sent: a handler sees the values of one name in the order in which they came. */
function sorted(parameters: readonly string[]): readonly string[] {
  // Where a parser divides at `;` too, each of them has names within it.
  if (parameters.some(parameter => parameter.includes(';'))) return parameters
  return parameters
    .map(parameter => ({ parameter, name: rootOf(nameOf(parameter)) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ parameter }) => parameter)
}

/** Whether any parser may see one of these names in it. To count too much is safe. */
function counts(parameter: string, names: readonly string[]): boolean {
  return parameter
    .split(';')
    .map(nameOf)
    .some(name => names.some(counted => name === counted || rootOf(name) === counted || extend(name, counted)))
}

/** `name[...]` and `name.x`: many parsers make one object of them. */
function extend(name: string, counted: string): boolean {
  return name.startsWith(`${counted}[`) || name.startsWith(`${counted}.`)
}

/** The name of the object that parsers of nested names put a parameter into; they take `[name]` and `?name` for `name`. */
function rootOf(name: string): string {
  return (/[^\s[\].?][^[\].]*/.exec(name)?.[0] ?? name).trimEnd()
}

/** The name as a handler will see it: decoded, so that no spelling of it escapes the key. */
function nameOf(parameter: string): string {
  const name = (parameter.split('=', 1)[0] ?? '').replaceAll('+', ' ')
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
