import type { Message } from '@stampede/core/http'
import { isProxy } from './runtime.ts'

/** The server's own Request keeps what it is made of. */
export function isOwn(raw: Request, incoming: Message): boolean {
  if (isProxy(raw)) return false
  for (const symbol of Object.getOwnPropertySymbols(raw)) if (Reflect.get(raw, symbol) === incoming) return true
  return false
}

/** It keeps its fields too, once they were asked for, or all that it may become: then somebody may have changed them. */
function isTouched(raw: Request): boolean {
  if (Object.hasOwn(raw, 'headers')) return true
  for (const symbol of Object.getOwnPropertySymbols(raw)) {
    const value: unknown = Reflect.get(raw, symbol)
    if (value instanceof Headers || value instanceof Request) return true
  }
  return false
}

/** Where the server's own Requests keep their message, and what they come to keep once they are asked for more. */
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

/** Whether a request is the server's own, and its fields as they came. */
export function isAsItCame(raw: Request, incoming: Message): boolean {
  // The way of nearly all: to list the symbols of each costs more than all else that is asked of it.
  if (places !== undefined && isLike(places, raw, incoming) && isWithout(raw, places.later)) return true
  if (!isOwn(raw, incoming) || isTouched(raw)) return false
  places ??= placesIn(raw, incoming)
  return true
}

function keptBy(raw: Request): { readonly [symbol: symbol]: unknown } {
  return raw as unknown as { readonly [symbol: symbol]: unknown }
}

/** Not one that was made of the server's own, with other fields. */
function isLike({ message, prototype }: Places, raw: Request, incoming: Message): boolean {
  const isServers = Object.getPrototypeOf(raw) === prototype && keptBy(raw)[message] === incoming
  return isServers && !Object.hasOwn(raw, 'headers') && !isProxy(raw)
}

/** Each is looked for at a place of its own: in a loop, to find that it is not there takes twenty times as long. */
function isWithout(raw: Request, { first, second, third, others }: Later): boolean {
  const kept = keptBy(raw)
  const isNew = kept[first] === undefined && kept[second] === undefined && kept[third] === undefined
  return isNew && others.every(symbol => kept[symbol] === undefined)
}

/** Found by trial, on a copy that nobody else sees: what it keeps is all that another can come to keep. */
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
