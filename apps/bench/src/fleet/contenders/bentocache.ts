import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'
import { type Setting, type Subject, TTL, tagsOf } from '../contender.ts'
import { connected, IMPATIENT } from './connected.ts'

/** Milliseconds for which its own breaker is open. */
const BREAKER = 1_000

export async function bentocacheOver(setting: Setting, isImpatient: boolean): Promise<Subject> {
  const connection = await connected(setting, isImpatient ? IMPATIENT : {})
  const fleet = bentostore(isImpatient ? { l2CircuitBreakerDuration: BREAKER } : {})
    // Serialized, as by default: with values as they are, 1.6.1 throws at the first message on its bus.
    .useL1Layer(memoryDriver({ maxItems: setting.entries }))
    .useL2Layer(redisDriver({ connection }))
    .useBus(redisBusDriver({ connection: { host: '127.0.0.1', port: setting.port } }))
  const cache = new BentoCache({ default: 'fleet', stores: { fleet }, ttl: TTL })
  return {
    get: (key, load) => cache.getOrSet({ key, factory: load, tags: [...tagsOf(key)] }),
    invalidate: key => cache.delete({ key }),
    invalidateTag: tag => cache.deleteByTag({ tags: [tag] }),
    close: () => cache.disconnectAll(),
  }
}
