import type { Stock } from './contender.ts'

/** Where the values come from: it counts how often it was asked. */
export interface Origin extends Stock {
  readonly loads: () => number
}

/** What an origin needs to know: the keys to hold, a value for every key, and what to wait for before it is there. */
interface Source {
  readonly keys: readonly string[]
  readonly valueOf: (key: string) => number
  readonly pause?: (() => Promise<unknown>) | undefined
}

export function originOf({ keys, valueOf, pause }: Source): Origin {
  let loads = 0
  const prompt = async (key: string): Promise<number> => {
    loads += 1
    return valueOf(key)
  }
  const paused = async (key: string): Promise<number> => {
    loads += 1
    await pause?.()
    return valueOf(key)
  }
  return { keys, load: pause === undefined ? prompt : paused, loads: () => loads }
}

/** A value for each key, no two the same; a key that is not among them has one of its last digits. */
export function valuesOf(keys: readonly string[]): (key: string) => number {
  const values = new Map(keys.map((key, index) => [key, index + 1]))
  return keys.length === 0 ? valueOfDigits : key => values.get(key) ?? Number.NaN
}

const BASE = 10
const DIGITS = 4

/** Cheap, for it is in what is measured; another one for each of thousands of neighbours. */
function valueOfDigits(key: string): number {
  let value = 1
  for (let place = key.length - DIGITS; place < key.length; place += 1) value = value * BASE + key.charCodeAt(place)
  return value
}
