import { Stampede } from '@stampede/core'
import type { Contender } from '../contender.ts'
import { TTL, roomFor } from './lifetime.ts'

export const stampede: Contender = {
  name: 'Stampede get',
  package: '@stampede/core',
  allowance: 'it reads the clock on every call',
  async prepare({ keys, load }) {
    const cache = new Stampede<number>({ ttl: TTL, maxEntries: roomFor(keys) })
    const fetch = ({ key }: { readonly key: string }): Promise<number> => load(key)
    await Promise.all(keys.map(key => cache.get(key, fetch)))
    return { ask: key => cache.get(key, fetch) }
  },
}
