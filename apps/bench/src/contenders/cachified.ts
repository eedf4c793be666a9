import { type CacheEntry, cachified } from '@epic-web/cachified'
import { LRUCache } from 'lru-cache'
import type { Contender } from '../contender.ts'
import { roomFor, TTL } from './lifetime.ts'

export const epicCachified: Contender = {
  name: 'cachified',
  package: '@epic-web/cachified',
  allowance: 'its entries lie in an lru-cache, as in its README',
  async prepare({ keys, load }) {
    const entries = new LRUCache<string, CacheEntry>({ max: roomFor(keys) })
    const cache = {
      get: (key: string): CacheEntry | undefined => entries.get(key),
      set: (key: string, entry: CacheEntry): unknown => entries.set(key, entry),
      delete: (key: string): unknown => entries.delete(key),
    }
    const ask = (key: string): Promise<number> => cachified({ key, cache, ttl: TTL, getFreshValue: () => load(key) })
    for (const key of keys) await ask(key)
    return { ask }
  },
}
