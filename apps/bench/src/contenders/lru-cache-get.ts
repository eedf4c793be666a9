import { LRUCache } from 'lru-cache'
import type { Contender } from '../contender.ts'
import { TTL, roomFor } from './lifetime.ts'

export const lruCacheGet: Contender = {
  name: 'lru-cache get',
  package: 'lru-cache',
  allowance:
    "it returns a plain value, so the await is the loop's alone, and coalesces nothing; with a ttl it reads the clock at most once per turn of the event loop, and a round is one turn",
  async prepare({ keys, load }) {
    const cache = new LRUCache<string, number>({ max: roomFor(keys), ttl: TTL })
    for (const key of keys) cache.set(key, await load(key))
    return { ask: key => cache.get(key) }
  },
}
