import { createCache } from 'async-cache-dedupe'
import { type Load, SECOND, type Setting, type Subject, TTL, tagsOf } from '../contender.ts'
import { connected, IMPATIENT } from './connected.ts'

export async function asyncCacheDedupeOver(setting: Setting, isImpatient: boolean): Promise<Subject> {
  const client = await connected(setting, isImpatient ? IMPATIENT : {})
  const loads = new Map<string, Load>()
  const referencesTTL = TTL / SECOND
  const load = async (key: string): Promise<string> => {
    const own = loads.get(key)
    if (own === undefined) throw new Error(`nobody asked for "${key}"`)
    return own()
  }
  const cache = createCache({
    ttl: TTL / SECOND,
    storage: { type: 'redis', options: { client, invalidation: { referencesTTL } } },
  }).define('load', { references: key => [...tagsOf(key)] }, load)
  return {
    get(key, own) {
      loads.set(key, own)
      return cache.load(key)
    },
    invalidate: key => cache.clear('load', key),
    invalidateTag: tag => cache.invalidateAll(tag),
    close: async () => client.disconnect(),
  }
}
