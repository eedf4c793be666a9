import { Loader } from 'layered-loader'
import type { Answer, Contender } from '../contender.ts'
import { roomFor, TTL } from './lifetime.ts'

export const layeredLoader: Contender = {
  name: 'layered-loader',
  package: 'layered-loader',
  allowance: 'version 14 is the last for Node.js 20',
  async prepare({ keys, load }) {
    const loader = new Loader<number>({
      inMemoryCache: { cacheType: 'lru-map', maxItems: roomFor(keys), ttlInMsecs: TTL },
      dataSourceGetOneFn: load,
    })
    await Promise.all(keys.map(key => loader.get(key)))
    // Its `null` is for what the source does not have; each key is there.
    return { ask: key => loader.get(key) as Promise<Answer> }
  },
}
