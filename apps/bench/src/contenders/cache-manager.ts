import { createCache } from 'cache-manager'
import { CacheableMemory, Keyv } from 'cacheable'
import type { Contender } from '../contender.ts'
import { roomFor, TTL } from './lifetime.ts'

export const cacheManager: Contender = {
  name: 'cache-manager wrap',
  package: 'cache-manager',
  allowance: 'its values lie in the memory store that its README names, that of cacheable',
  async prepare({ keys, load }) {
    const store = new CacheableMemory({ ttl: TTL, lruSize: roomFor(keys), useClone: false })
    const cache = createCache({ ttl: TTL, stores: [new Keyv({ store })] })
    const ask = (key: string): Promise<number> => cache.wrap(key, () => load(key))
    for (const key of keys) await ask(key)
    return { ask, close: () => cache.disconnect().then(() => {}) }
  },
}
