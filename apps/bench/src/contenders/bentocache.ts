import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import type { Contender } from '../contender.ts'
import { roomFor, TTL } from './lifetime.ts'

export const bento: Contender = {
  name: 'bentocache getOrSet',
  package: 'bentocache',
  allowance: 'its memory holds the values themselves, not serialized',
  async prepare({ keys, load }) {
    const memory = bentostore().useL1Layer(memoryDriver({ maxItems: roomFor(keys), serialize: false }))
    const cache = new BentoCache({ default: 'memory', stores: { memory }, ttl: TTL })
    const ask = (key: string): Promise<number> => cache.getOrSet({ key, ttl: TTL, factory: () => load(key) })
    for (const key of keys) await ask(key)
    return { ask, close: () => cache.disconnectAll() }
  },
}
