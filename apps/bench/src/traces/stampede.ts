import { Stampede } from '@stampede/core'

/** The hits of the package itself, through its public surface: a miss is where the fetch ran. */
export async function stampedeHits(trace: readonly number[], size: number): Promise<number> {
  const cache = new Stampede<number>({ ttl: Infinity, maxEntries: size })
  let misses = 0
  const fetch = (): number => {
    misses += 1
    return misses
  }
  // Spelled out once: a request is to find the very string that was stored.
  const keys = new Map<number, string>()
  for (const object of trace) {
    const key = keys.get(object) ?? `object:${object}`
    keys.set(object, key)
    await cache.get(key, fetch)
  }
  return trace.length - misses
}
