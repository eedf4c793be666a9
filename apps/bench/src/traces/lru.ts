import { LRUCache } from 'lru-cache'

/** The hits of lru-cache itself. */
export function lruHits(trace: readonly number[], size: number): number {
  const cache = new LRUCache<number, true>({ max: size })
  let hits = 0
  for (const object of trace) {
    if (cache.get(object) === undefined) cache.set(object, true)
    else hits += 1
  }
  return hits
}
