import type { Contender } from '../contender.ts'
import { asyncCacheDedupe } from './async-cache-dedupe.ts'
import { lruCacheFetch } from './lru-cache-fetch.ts'
import { lruCacheGet } from './lru-cache-get.ts'
import { stampede } from './stampede.ts'

export { storedPromise } from './stored-promise.ts'

/** What can answer from memory, in the order of the table. */
export const caches: readonly Contender[] = [stampede, lruCacheGet, lruCacheFetch, asyncCacheDedupe]
