import { deltaMs, type Directives, parseDelta } from './cache-control.ts'
import { parseHttpDate } from './http-date.ts'
import type { Governing } from './targeted.ts'
import type { HeaderLines } from '../contract/contract.ts'

/** How long a response may be served after its lifetime, milliseconds. */
export interface StaleWindows {
  /** While it is refreshed. */
  readonly staleWhileRevalidate: number
  /** While the handler fails. */
  readonly staleIfError: number
  /** Whether a client that accepts stale answers may get it. */
  readonly mayBeStale: boolean
}

/** How long a response is fresh, milliseconds, and its windows after that. */
export interface Freshness extends StaleWindows {
  /** 0 or less: stale. */
  readonly lifetime: number
  /** Whether it is a failure that the request itself may have caused: another request tries before all get it. */
  readonly isDoubtful?: boolean
  /** How long later requests may join it while it streams: its lifetime, or forever if none was stated. */
  readonly joinedFor: number
}

/** Whether the response can be served at any moment. */
export function isStored({ lifetime, staleWhileRevalidate, staleIfError }: Freshness): boolean {
  return lifetime + Math.max(0, staleWhileRevalidate, staleIfError) > 0
}

/** The freshness of a response that may be served for at most `ms` milliseconds, stale or not. */
export function boundedBy(ms: number, freshness: Freshness): Freshness {
  // Infinity minus Infinity is no number.
  if (ms === Number.POSITIVE_INFINITY) return freshness
  const lifetime = Math.min(freshness.lifetime, ms)
  const left = Math.max(0, ms - Math.max(0, lifetime))
  const staleWhileRevalidate = Math.min(freshness.staleWhileRevalidate, left)
  const staleIfError = Math.min(freshness.staleIfError, left)
  return { ...freshness, lifetime, staleWhileRevalidate, staleIfError }
}

/** The options for a response that states no lifetime. */
export interface FreshnessDefaults {
  /** The lifetime that the handler set by its handle, milliseconds. It takes precedence over everything else. */
  readonly ttl?: number | undefined
  /** The lifetime, milliseconds. */
  readonly defaultLifetime: (status: number, headers: HeaderLines) => number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** The wall clock, milliseconds: for the age by `Date`, and for `Expires` without `Date`. */
  readonly wallNow: number
}

interface Head {
  readonly status: number
  readonly headers: HeaderLines
}

/** RFC 9111 s5.2.2.2, s5.2.2.8, s5.2.2.4: never served stale without validation. */
const NEVER_STALE = ['must-revalidate', 'proxy-revalidate', 'no-cache']
/** Neither stored nor served stale. */
export const NOT_STORED: Freshness = {
  lifetime: 0,
  joinedFor: Number.POSITIVE_INFINITY,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  mayBeStale: false,
}

/** RFC 9111 s5.2.2: a response that is never fresh must be validated for each request. */
export function isStrictAtOnce({ headers }: Head, control: Governing, { ttl, wallNow }: FreshnessDefaults): boolean {
  const { directives } = control
  if (directives.has('no-cache')) return true
  const isStrict = directives.has('s-maxage') || hasAny(directives, NEVER_STALE)
  const stated = isStrict ? (ttl ?? statedLifetime(headers, control, wallNow)) : undefined
  return stated !== undefined && stated <= 0
}

/** RFC 9111 s4.2.1, RFC 5861. */
export function freshnessOf({ status, headers }: Head, control: Governing, defaults: FreshnessDefaults): Freshness {
  // A 304 describes the client's copy, so there is nothing to store. The handle says that with a ttl of 0.
  if (status === 304 || defaults.ttl === 0) return NOT_STORED
  const stated = defaults.ttl ?? statedLifetime(headers, control, defaults.wallNow)
  const known = stated ?? defaultLifetime(status, headers, defaults)
  // RFC 9111 s4: a later request gets only a response that may be reused. A lifetime of 0 ends with the head.
  const joinedFor = known ?? Number.POSITIVE_INFINITY
  const lifetime = known ?? 0
  const windows = windowsOf(control, lifetime > 0, defaults)
  // Without a lifetime there is no end after which a window could begin.
  if (stated === undefined && lifetime <= 0) return { ...NOT_STORED, joinedFor, mayBeStale: windows.mayBeStale }
  return { lifetime, joinedFor, ...windows }
}

function windowsOf({ directives }: Governing, isFresh: boolean, defaults: FreshnessDefaults): StaleWindows {
  const mayBeStale = !hasAny(directives, NEVER_STALE)
  // RFC 9111 s5.2.2.10: s-maxage implies proxy-revalidate, unless the response states a window of its own.
  const isLoose = mayBeStale && !directives.has('s-maxage')
  // A window by option follows a lifetime. A response that states none is stored only for a window of its own.
  const isOpen = isFresh && isLoose
  const windowOf = (name: string, byOption: number): number =>
    mayBeStale ? (deltaMs(directives, name) ?? (isOpen ? byOption : 0)) : 0
  return {
    staleWhileRevalidate: windowOf('stale-while-revalidate', defaults.staleWhileRevalidate),
    staleIfError: windowOf('stale-if-error', defaults.staleIfError),
    mayBeStale: isLoose,
  }
}

function hasAny(directives: Directives, names: readonly string[]): boolean {
  return names.some(name => directives.has(name))
}

/** The lifetime by the options; `undefined` for 0. */
function defaultLifetime(status: number, headers: HeaderLines, defaults: FreshnessDefaults): number | undefined {
  const lifetime = defaults.defaultLifetime(status, headers)
  return lifetime === 0 ? undefined : lifetime - ageValue(headers)
}

/** The lifetime that the response states, minus its initial age (RFC 9111 s4.2.1, s4.2.3), milliseconds. */
function statedLifetime(headers: HeaderLines, control: Governing, wallNow: number): number | undefined {
  const { directives, isTargeted } = control
  const byDirective = deltaMs(directives, 's-maxage') ?? deltaMs(directives, 'max-age')
  const lifetime = byDirective ?? (isTargeted ? undefined : expiresMs(headers, wallNow))
  return lifetime === undefined ? undefined : lifetime - ageMs(headers, wallNow)
}

function expiresMs(headers: HeaderLines, wallNow: number): number | undefined {
  const lines = headers.get('expires')
  if (lines === undefined) return undefined
  const expires = parseHttpDate(lines[0] ?? '')
  const date = parseHttpDate(headers.get('date')?.[0] ?? '')
  // RFC 9111 s5.3: an invalid date, such as "0", is in the past; so are several dates that differ.
  if (Number.isNaN(expires) || lines.length > 1) return 0
  return Math.max(0, expires - (Number.isNaN(date) ? wallNow : date))
}

/** The initial age of a response, milliseconds (RFC 9111 s4.2.3): by `Age` or by `Date`, whichever is greater. */
export function ageMs(headers: HeaderLines, wallNow: number): number {
  const date = parseHttpDate(headers.get('date')?.[0] ?? '')
  // A date has a resolution of one second.
  const apparent = Number.isNaN(date) ? 0 : Math.floor(wallNow / 1000) * 1000 - date
  return Math.max(apparent, ageValue(headers))
}

/** RFC 9111 s5.1: the first value counts; an invalid one is ignored. */
function ageValue(headers: HeaderLines): number {
  const first = headers.get('age')?.[0]?.split(',')[0]?.trim() ?? ''
  return (parseDelta(first) ?? 0) * 1000
}
