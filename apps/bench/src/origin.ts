import type { Stock } from './contender.ts'

/** Where the values come from: it counts how often it was asked. */
export interface Origin extends Stock {
  readonly loads: () => number
}

export function originOf(keys: readonly string[]): Origin {
  const values = valuesOf(keys)
  let loads = 0
  const load = async (key: string): Promise<number> => {
    loads += 1
    return values.get(key) ?? Number.NaN
  }
  return { keys, load, loads: () => loads }
}

/** A value for each key, no two the same. */
export function valuesOf(keys: readonly string[]): ReadonlyMap<string, number> {
  return new Map(keys.map((key, index) => [key, index + 1]))
}
