import { LRUCache } from 'lru-cache'
import pMemoize from 'p-memoize'
import type { Contender } from '../contender.ts'
import { roomFor, TTL } from './lifetime.ts'

export const pMemoized: Contender = {
  name: 'p-memoize',
  package: 'p-memoize',
  allowance: 'its values lie in an lru-cache; version 8 is the last for Node.js 20',
  async prepare({ keys, load }) {
    const memoized = pMemoize(load, { cache: new LRUCache<string, number>({ max: roomFor(keys), ttl: TTL }) })
    await Promise.all(keys.map(key => memoized(key)))
    return { ask: key => memoized(key) }
  },
}
