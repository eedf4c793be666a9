import { createCache } from 'async-cache-dedupe'
import type { Contender } from '../contender.ts'
import { TTL, roomFor } from './lifetime.ts'

export const asyncCacheDedupe: Contender = {
  name: 'async-cache-dedupe',
  package: 'async-cache-dedupe',
  allowance: 'it reads the clock at most once per second',
  async prepare({ keys, load }) {
    const storage = { type: 'memory', options: { size: roomFor(keys) } } as const
    const cache = createCache({ ttl: TTL / 1_000, storage }).define('load', load)
    await Promise.all(keys.map(key => cache.load(key)))
    return { ask: key => cache.load(key) }
  },
}
