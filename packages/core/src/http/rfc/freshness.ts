import { deltaMs, type Directives, parseDelta } from './cache-control.ts'
import { parseHttpDate } from './http-date.ts'
import type { Governing } from './targeted.ts'
import type { HeaderLines } from '../contract/contract.ts'

/** For how long a response may be given past its lifetime, milliseconds. */
export interface StaleWindows {
  /** While it is refreshed. */
  readonly staleWhileRevalidate: number
  /** Where the handler fails. */
  readonly staleIfError: number
  /** Whether a client that takes stale answers may have it. */
  readonly mayBeStale: boolean
}

/** For how long a response is fresh, milliseconds, and what holds after that. */
export interface Freshness extends StaleWindows {
  /** 0 or less: not fresh any more. */
  readonly lifetime: number
  /** Whether it is a failure that the request itself may have brought about: another one is to try before all get it. */
  readonly isDoubtful?: boolean
  /** For how long whoever comes may join it while it arrives: its lifetime, or without end where none was ever stated. */
  readonly joinedFor: number
}

/** Whether there is a moment at which the response may be given. */
export function isStored({ lifetime, staleWhileRevalidate, staleIfError }: Freshness): boolean {
  return lifetime + Math.max(0, staleWhileRevalidate, staleIfError) > 0
}

/** What holds of a response that is to be given for `ms` milliseconds at most, stale or not. */
export function boundedBy(ms: number, freshness: Freshness): Freshness {
  // Nothing is left to subtract from what has no end.
  if (ms === Number.POSITIVE_INFINITY) return freshness
  const lifetime = Math.min(freshness.lifetime, ms)
  const left = Math.max(0, ms - Math.max(0, lifetime))
  const staleWhileRevalidate = Math.min(freshness.staleWhileRevalidate, left)
  const staleIfError = Math.min(freshness.staleIfError, left)
  return { ...freshness, lifetime, staleWhileRevalidate, staleIfError }
}

/** What the options say of a response that states nothing itself. */
export interface FreshnessDefaults {
  /** What the handler says by its handle: wins over all else. Milliseconds. */
  readonly ttl?: number | undefined
  /** The lifetime, milliseconds. */
  readonly defaultLifetime: (status: number, headers: HeaderLines) => number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** The wall clock, milliseconds: for the age that `Date` tells, and for `Expires` without `Date`. */
  readonly wallNow: number
}

interface Head {
  readonly status: number
  readonly headers: HeaderLines
}

/** RFC 9111 s5.2.2.2, s5.2.2.8, s5.2.2.4: once stale, never given without asking the origin. */
const NEVER_STALE = ['must-revalidate', 'proxy-revalidate', 'no-cache']
/** Neither stored, nor given when stale. */
export const NOT_STORED: Freshness = {
  lifetime: 0,
  joinedFor: Number.POSITIVE_INFINITY,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  mayBeStale: false,
}

/** RFC 9111 s5.2.2: without a fresh moment of its own, each further request wants it validated first. */
export function isStrictAtOnce({ headers }: Head, control: Governing, { ttl, wallNow }: FreshnessDefaults): boolean {
  const { directives } = control
  if (directives.has('no-cache')) return true
  const isStrict = directives.has('s-maxage') || hasAny(directives, NEVER_STALE)
  const stated = isStrict ? (ttl ?? statedLifetime(headers, control, wallNow)) : undefined
  return stated !== undefined && stated <= 0
}

/** RFC 9111 s4.2.1, RFC 5861. */
export function freshnessOf({ status, headers }: Head, control: Governing, defaults: FreshnessDefaults): Freshness {
  // A 304 tells of what the client has; there is nothing to store. A ttl of 0 by the handle says so.
  if (status === 304 || defaults.ttl === 0) return NOT_STORED
  const stated = defaults.ttl ?? statedLifetime(headers, control, defaults.wallNow)
  const known = stated ?? defaultLifetime(status, headers, defaults)
  // RFC 9111 s4: who comes once it is over is answered with what may be reused. One of 0 is over with its head.
  const joinedFor = known ?? Number.POSITIVE_INFINITY
  const lifetime = known ?? 0
  const windows = windowsOf(control, lifetime > 0, defaults)
  // Without a lifetime at all there is nothing that a window could follow.
  if (stated === undefined && lifetime <= 0) return { ...NOT_STORED, joinedFor, mayBeStale: windows.mayBeStale }
  return { lifetime, joinedFor, ...windows }
}

function windowsOf({ directives }: Governing, isFresh: boolean, defaults: FreshnessDefaults): StaleWindows {
  const mayBeStale = !hasAny(directives, NEVER_STALE)
  // RFC 9111 s5.2.2.10: s-maxage says proxy-revalidate too, where no window of the response's own stands beside it.
  const isLoose = mayBeStale && !directives.has('s-maxage')
  // An option's window goes with a fresh moment; what states that it has none is stored only for a window of its own.
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

/** What the options say; `undefined` where they say that there is none, which is 0. */
function defaultLifetime(status: number, headers: HeaderLines, defaults: FreshnessDefaults): number | undefined {
  const lifetime = defaults.defaultLifetime(status, headers)
  return lifetime === 0 ? undefined : lifetime - ageValue(headers)
}

/** The freshness lifetime that the response states, less the age that it came with (RFC 9111 s4.2.1, s4.2.3), ms. */
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
  // RFC 9111 s5.3: a date that cannot be read, "0" above all, is in the past; so are several that do not agree.
  if (Number.isNaN(expires) || lines.length > 1) return 0
  return Math.max(0, expires - (Number.isNaN(date) ? wallNow : date))
}

/** The age that a response came with, milliseconds (RFC 9111 s4.2.3): what `Age` says or `Date` tells, whichever is more. */
export function ageMs(headers: HeaderLines, wallNow: number): number {
  const date = parseHttpDate(headers.get('date')?.[0] ?? '')
  // A date has no more than seconds.
  const apparent = Number.isNaN(date) ? 0 : Math.floor(wallNow / 1000) * 1000 - date
  return Math.max(apparent, ageValue(headers))
}

/** RFC 9111 s5.1: the first value counts, one that is none is ignored. */
function ageValue(headers: HeaderLines): number {
  const first = headers.get('age')?.[0]?.split(',')[0]?.trim() ?? ''
  return (parseDelta(first) ?? 0) * 1000
}
