import { createMemoryStorage, defineCachedFunction } from 'ocache'
import type { Contender } from '../contender.ts'
import { roomFor, TTL } from './lifetime.ts'

export const ocache: Contender = {
  name: 'ocache',
  package: 'ocache',
  allowance: 'its bound on bytes is off, as nobody else has one',
  async prepare({ keys, load }) {
    const cached = defineCachedFunction(load, {
      name: 'load',
      getKey: key => key,
      maxAge: TTL / 1_000,
      swr: false,
      storage: createMemoryStorage({ maxSize: roomFor(keys), maxBytes: Infinity }),
    })
    for (const key of keys) await cached(key)
    return { ask: key => cached(key) }
  },
}
