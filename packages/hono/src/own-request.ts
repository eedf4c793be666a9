import type { Message } from '@stampede/core/http'
import { isProxy } from './runtime.ts'

/** The server's own Request keeps the message that it is made of. */
export function isOwn(raw: Request, incoming: Message): boolean {
  if (isProxy(raw)) return false
  for (const symbol of Object.getOwnPropertySymbols(raw)) if (Reflect.get(raw, symbol) === incoming) return true
  return false
}

/**
 * It keeps its fields too, once they were read, or everything that it may become: then other code may have changed
 * them.
 */
function isTouched(raw: Request): boolean {
  if (Object.hasOwn(raw, 'headers')) return true
  for (const symbol of Object.getOwnPropertySymbols(raw)) {
    const value: unknown = Reflect.get(raw, symbol)
    if (value instanceof Headers || value instanceof Request) return true
  }
  return false
}

/** Where the server's own Requests keep their message, and what they keep once more is read. */
interface Places {
  readonly message: symbol
  readonly prototype: unknown
  readonly later: Later
}

interface Later {
  readonly first: symbol
  readonly second: symbol
  readonly third: symbol
  readonly others: readonly symbol[]
}

let places: Places | undefined
const NOWHERE = Symbol('nowhere')

/** Whether a request is the server's own, with its fields as sent. */
export function isAsItCame(raw: Request, incoming: Message): boolean {
  // The fast path of nearly all requests: listing the symbols of each would cost more than all other checks.
  if (places !== undefined && isLike(places, raw, incoming) && isWithout(raw, places.later)) return true
  if (!isOwn(raw, incoming) || isTouched(raw)) return false
  places ??= placesIn(raw, incoming)
  return true
}

function keptBy(raw: Request): { readonly [symbol: symbol]: unknown } {
  return raw as unknown as { readonly [symbol: symbol]: unknown }
}

/** Excludes a request that was made from the server's own, with other fields. */
function isLike({ message, prototype }: Places, raw: Request, incoming: Message): boolean {
  const isServers = Object.getPrototypeOf(raw) === prototype && keptBy(raw)[message] === incoming
  return isServers && !Object.hasOwn(raw, 'headers') && !isProxy(raw)
}

/** Each in a statement of its own: in a loop, a look-up that fails takes twenty times as long. */
function isWithout(raw: Request, { first, second, third, others }: Later): boolean {
  const kept = keptBy(raw)
  const isNew = kept[first] === undefined && kept[second] === undefined && kept[third] === undefined
  return isNew && others.every(symbol => kept[symbol] === undefined)
}

/** Found by trial on a private copy: what it keeps is all that others can come to keep. */
function placesIn(raw: Request, incoming: Message): Places | undefined {
  const own = Object.getOwnPropertySymbols(raw)
  const message = own.find(symbol => Reflect.get(raw, symbol) === incoming)
  const prototype = Object.getPrototypeOf(raw) as object
  const copy = Object.create(prototype) as Request
  for (const symbol of own) Reflect.set(copy, symbol, Reflect.get(raw, symbol))
  const asked: readonly unknown[] = [copy.headers, copy.redirect]
  const later = Object.getOwnPropertySymbols(copy).filter(symbol => !own.includes(symbol))
  const kept = later.map((symbol): unknown => Reflect.get(copy, symbol))
  const isSeen =
    asked.length > 0 && kept.some(one => one instanceof Headers) && kept.some(one => one instanceof Request)
  const [first = NOWHERE, second = NOWHERE, third = NOWHERE, ...others] = later
  const all = { first, second, third, others }
  return isSeen && message !== undefined ? { message, prototype, later: all } : undefined
}
