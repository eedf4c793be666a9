import type { Contender } from '../contender.ts'
import { asyncCacheDedupe } from './async-cache-dedupe.ts'
import { bareMapOverLru } from './bare-map-over-lru.ts'
import { bento } from './bentocache.ts'
import { cacheManager } from './cache-manager.ts'
import { cacheable } from './cacheable.ts'
import { epicCachified } from './cachified.ts'
import { layeredLoader } from './layered-loader.ts'
import { lruCacheFetch } from './lru-cache-fetch.ts'
import { lruCacheGet } from './lru-cache-get.ts'
import { ocache } from './ocache.ts'
import { pMemoized } from './p-memoize.ts'
import { promiseCoalesce } from './promise-coalesce.ts'
import { stampede } from './stampede.ts'

export { bareMapOverLru } from './bare-map-over-lru.ts'
export { stampede } from './stampede.ts'
export { storedPromise } from './stored-promise.ts'

const peers: readonly Contender[] = [
  lruCacheFetch,
  asyncCacheDedupe,
  layeredLoader,
  pMemoized,
  cacheManager,
  cacheable,
  epicCachified,
  ocache,
  bento,
]

/** What can answer from memory, in the order of the table. */
export const caches: readonly Contender[] = [stampede, lruCacheGet, bareMapOverLru, ...peers]
/** What loads what is missing and keeps it, beside the floor for that. */
export const loaders: readonly Contender[] = [stampede, ...peers]
/** Libraries that call the loader once for concurrent callers. */
export const coalescers: readonly Contender[] = [...loaders, promiseCoalesce]
