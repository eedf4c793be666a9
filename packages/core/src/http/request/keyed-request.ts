import type { RequestDirectives } from './request-directives.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import { part } from './key.ts'
import type { RecentKey } from './recent-keys.ts'
import type { HandleSource } from '../options/response-handle.ts'
import { selectingValue } from './negotiation-lists.ts'
import type { RequestView } from '../contract/contract.ts'

/** A request that takes part, with all that places it. */
export interface KeyedRequest {
  readonly view: RequestView
  readonly policy: HttpPolicy
  /** The primary key. */
  readonly key: string
  /** What its conditional headers add to its flight's key, where they are not kept from the handler. */
  readonly conditions: string
  readonly directives: RequestDirectives
  /** When it came, on Stampede's clock. */
  readonly arrivedAt: number
  /** Whether the shared store was looked into for it, where it cannot wait for others. */
  readonly hasAskedStore?: boolean
  /** Whether it is known to have none of the headers that the rules ask for. */
  readonly plain?: boolean
  /** Its keys, where they are known from another request that had the same. */
  readonly recent?: RecentKey | undefined
  /** What its handler says of its own answer, or what gives that. */
  readonly handle?: HandleSource | undefined
}

/** The key of the variant that a request selects among those of its primary key (RFC 9111 s4.1). */
export function variantOf(request: KeyedRequest, vary: readonly string[]): string {
  // The way of most requests. As below.
  if (vary.length === 0) return request.recent?.variant ?? `${request.key}  `
  // The names stand in it too: the same values of other headers are another variant.
  return `${request.key} ${vary.join(',')} ${selectedValues(request.view, vary)}`
}

function selectedValues(view: RequestView, vary: readonly string[]): string {
  let selected = ''
  for (const name of vary) selected += part(selectingValue(name, view.header(name)))
  return selected
}

/** The key of a stored response: a HEAD's own answer is not a GET's. */
export function entryKey(method: string, variant: string): string {
  return `${method} ${variant}`
}

/** Where the fleet is asked for a request by who knows of nothing that the answers vary on. */
export function primaryEntryKey(request: KeyedRequest): string {
  return entryKey(request.view.method, variantOf(request, []))
}

/** The key of a flight. Requests with other conditional headers, which the handler sees, may get another answer. */
export function flightKey(method: string, conditions: string, variant: string): string {
  return `${method} ${conditions} ${variant}`
}

/** The keys of the flights that answer a request: what is asked for without conditions answers those with some, too. */
export function flightKeys(
  { view, conditions }: KeyedRequest,
  variant: string,
  seen: string = conditions,
): readonly string[] {
  const whole = answeringMethods(view.method).map(method => flightKey(method, '', variant))
  return seen === '' ? whole : [...whole, flightKey(view.method, seen, variant)]
}

/** The methods whose stored answers, and flights, answer a request: a HEAD has what a GET has (RFC 9110 s9.3.2). */
export function answeringMethods(method: string): readonly string[] {
  if (method === 'GET') return OF_GET
  return method === 'HEAD' ? OF_HEAD : [method]
}

const OF_GET: readonly string[] = ['GET']
const OF_HEAD: readonly string[] = ['GET', 'HEAD']

/** The method of the requests whose answers stand under the key of an entry. */
export function methodOfEntry(key: string): string {
  return key.slice(0, key.indexOf(' '))
}
