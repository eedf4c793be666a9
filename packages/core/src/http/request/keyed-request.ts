import type { RequestDirectives } from './request-directives.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import { part } from './key.ts'
import type { RecentKey } from './recent-keys.ts'
import type { HandleSource } from '../options/response-handle.ts'
import { selectingValue } from './negotiation-lists.ts'
import type { RequestView } from '../contract/contract.ts'

/** A request that takes part, with its key and everything that places it. */
export interface KeyedRequest {
  readonly view: RequestView
  readonly policy: HttpPolicy
  /** The primary key. */
  readonly key: string
  /** The part of the flight's key for its conditional headers, unless they are hidden from the handler. */
  readonly conditions: string
  readonly directives: RequestDirectives
  /** When it arrived, on Stampede's clock. */
  readonly arrivedAt: number
  /** Whether the shared store was asked for it, without waiting for others. */
  readonly hasAskedStore?: boolean
  /** Whether it is known to have none of the headers that the rules read. */
  readonly plain?: boolean
  /** Its keys, if an identical request was seen before. */
  readonly recent?: RecentKey | undefined
  /** The handle for its handler's own settings, or a function that returns it. */
  readonly handle?: HandleSource | undefined
}

/** The key of the variant that a request selects under its primary key (RFC 9111 s4.1). */
export function variantOf(request: KeyedRequest, vary: readonly string[]): string {
  // The fast path of most requests, with the same result as below.
  if (vary.length === 0) return request.recent?.variant ?? `${request.key}  `
  // With the names: the same values of other headers are another variant.
  return `${request.key} ${vary.join(',')} ${selectedValues(request.view, vary)}`
}

function selectedValues(view: RequestView, vary: readonly string[]): string {
  let selected = ''
  for (const name of vary) selected += part(selectingValue(name, view.header(name)))
  return selected
}

/** The key of a stored response: the answer to a HEAD differs from that to a GET. */
export function entryKey(method: string, variant: string): string {
  return `${method} ${variant}`
}

/** The key in the shared store while nothing is known about Vary. */
export function primaryEntryKey(request: KeyedRequest): string {
  return entryKey(request.view.method, variantOf(request, []))
}

/** The key of a flight. Requests with other conditional headers, which the handler sees, may get another answer. */
export function flightKey(method: string, conditions: string, variant: string): string {
  return `${method} ${conditions} ${variant}`
}

/**
 * The keys of the flights that can answer a request: a flight without conditions also answers requests with
 * conditions.
 */
export function flightKeys(
  { view, conditions }: KeyedRequest,
  variant: string,
  seen: string = conditions,
): readonly string[] {
  const whole = answeringMethods(view.method).map(method => flightKey(method, '', variant))
  return seen === '' ? whole : [...whole, flightKey(view.method, seen, variant)]
}

/** The methods whose stored responses and flights answer a request: a GET answers a HEAD too (RFC 9110 s9.3.2). */
export function answeringMethods(method: string): readonly string[] {
  if (method === 'GET') return OF_GET
  return method === 'HEAD' ? OF_HEAD : [method]
}

const OF_GET: readonly string[] = ['GET']
const OF_HEAD: readonly string[] = ['GET', 'HEAD']

/** The method in the key of an entry. */
export function methodOfEntry(key: string): string {
  return key.slice(0, key.indexOf(' '))
}
