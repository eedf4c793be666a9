import type { EventEmitter } from 'node:events'
import { createKeyv, createKeyvNonBlocking } from '@keyv/redis'
import { RedisMessageProvider } from '@qified/redis'
import { Cacheable, CacheableMemory, Keyv } from 'cacheable'
import { type Setting, type Subject, TTL } from '../contender.ts'

export async function cacheableOver({ port, entries }: Setting, nonBlocking: boolean): Promise<Subject> {
  const uri = `redis://127.0.0.1:${port}`
  const options = { namespace: 'cacheable' }
  const secondary = nonBlocking ? createKeyvNonBlocking(uri, options) : createKeyv(uri, options)
  const primary = new Keyv({ store: new CacheableMemory({ ttl: TTL, lruSize: entries, useClone: false }) })
  const qified = new RedisMessageProvider({ uri })
  const cache = new Cacheable({ ttl: TTL, nonBlocking, primary, secondary, sync: { qified } })
  cache.on('error', () => {})
  secondary.on('error', () => {})
  // Nobody listens to those two, which are private: the process would end as soon as the server does.
  for (const name of ['pub', 'sub']) (Reflect.get(qified, name) as EventEmitter).on('error', () => {})
  return {
    async get(key, load) {
      const value = await cache.getOrSet(key, load)
      if (value === undefined) throw new Error(`nothing for "${key}"`)
      return value
    },
    invalidate: key => cache.delete(key),
    async close() {
      await cache.disconnect()
      await qified.disconnect()
    },
  }
}
