import { LRUCache } from 'lru-cache'
import type { Contender, Stock } from '../contender.ts'
import { roomFor, TTL } from './lifetime.ts'

/** The floor for cold keys: what one writes by hand, and no more. */
export const bareMapOverLru: Contender = {
  name: 'bare Map over lru-cache',
  package: 'lru-cache',
  allowance: 'it reads the clock as lru-cache get does: once in a round',
  async prepare(stock) {
    const ask = bare(stock)
    await Promise.all(stock.keys.map(key => ask(key)))
    return { ask }
  },
}

function bare({ keys, load }: Stock): (key: string) => Promise<number> {
  const stored = new LRUCache<string, number>({ max: roomFor(keys), ttl: TTL })
  const flights = new Map<string, Promise<number>>()

  async function fly(key: string): Promise<number> {
    try {
      const value = await load(key)
      stored.set(key, value)
      return value
    } finally {
      flights.delete(key)
    }
  }

  return async key => {
    const value = stored.get(key)
    if (value !== undefined) return value
    const joined = flights.get(key)
    if (joined !== undefined) return joined
    const flight = fly(key)
    flights.set(key, flight)
    return flight
  }
}
