import { Cacheable, CacheableMemory, Keyv } from 'cacheable'
import type { Contender } from '../contender.ts'
import { roomFor, TTL } from './lifetime.ts'

export const cacheable: Contender = {
  name: 'cacheable getOrSet',
  package: 'cacheable',
  async prepare({ keys, load }) {
    const store = new CacheableMemory({ ttl: TTL, lruSize: roomFor(keys), useClone: false })
    const cache = new Cacheable({ ttl: TTL, primary: new Keyv({ store }) })
    const ask = (key: string): Promise<number | undefined> => cache.getOrSet(key, () => load(key))
    for (const key of keys) await ask(key)
    return { ask, close: () => cache.disconnect() }
  },
}
