import { Stampede } from '@stampede/core'
import type { Contender } from '../contender.ts'
import { TTL, roomFor } from './lifetime.ts'

export const stampede: Contender = {
  name: 'Stampede get',
  package: '@stampede/core',
  allowance: 'it reads the clock once a millisecond, or every 256 hits where the event loop does not turn',
  async prepare({ keys, load }) {
    const cache = new Stampede<number>({ ttl: TTL, maxEntries: roomFor(keys) })
    const fetch = ({ key }: { readonly key: string }): Promise<number> => load(key)
    await Promise.all(keys.map(key => cache.get(key, fetch)))
    return { ask: key => cache.get(key, fetch) }
  },
}
