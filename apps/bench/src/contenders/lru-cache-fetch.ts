import { LRUCache } from 'lru-cache'
import type { Contender } from '../contender.ts'
import { TTL, roomFor } from './lifetime.ts'

export const lruCacheFetch: Contender = {
  name: 'lru-cache fetch',
  package: 'lru-cache',
  allowance: 'it reads the clock as lru-cache get does: once in a round',
  async prepare({ keys, load }) {
    const cache = new LRUCache<string, number>({ max: roomFor(keys), ttl: TTL, fetchMethod: load })
    await Promise.all(keys.map(key => cache.fetch(key)))
    return { ask: key => cache.fetch(key) }
  },
}
