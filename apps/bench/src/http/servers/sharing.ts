import type { SharedStore } from '@stampede/core'
import { redisStore } from '@stampede/redis'
import { Redis } from 'ioredis'

/** So few that what is asked for in turn is in Redis alone. */
const FEW = 10

/** Options of an adapter that shares its answers over the Redis at this port; none without one. */
export function sharing(port: number | undefined): { readonly store?: SharedStore; readonly maxEntries?: number } {
  return port === undefined ? {} : { store: redisStore({ client: new Redis(port, '127.0.0.1') }), maxEntries: FEW }
}
