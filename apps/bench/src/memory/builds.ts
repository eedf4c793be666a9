import { Stampede } from '@stampede/core'
import { LRUCache } from 'lru-cache'
import { TTL } from '../contenders/lifetime.ts'

/** What there is before anything is built: none of it counts. */
export interface Material {
  /** Twice as many keys as entries. */
  readonly keys: readonly string[]
  readonly values: ReadonlyMap<string, object>
  readonly entries: number
}

/** Something that holds entries. */
export interface Build {
  readonly name: string
  readonly package?: string
  readonly about: string
  readonly build: (material: Material) => Promise<Built>
}

/** What was built, to be held until it is measured, and how many entries it holds. */
export interface Built {
  readonly held: object
  readonly entries: number
}

const mapOfPromises: Build = {
  name: 'Map of promises',
  about: 'holds the later half of the keys and nothing else',
  build: async ({ keys, values, entries }) => {
    const held = new Map(keys.slice(-entries).map(key => [key, Promise.resolve(values.get(key))]))
    return { held, entries: held.size }
  },
}

const lruCache: Build = {
  name: 'lru-cache set',
  package: 'lru-cache',
  about: 'with a ttl; given twice as many keys as it may hold',
  build: async ({ keys, values, entries }) => {
    const held = new LRUCache<string, object>({ max: entries, ttl: TTL })
    for (const key of keys) held.set(key, values.get(key))
    return { held, entries: held.size }
  },
}

export const stampedeBuild: Build = {
  name: 'Stampede get',
  package: '@stampede/core',
  about: 'given twice as many keys as it may hold, so that what it remembers of the dropped ones counts, too',
  build: async ({ keys, values, entries }) => {
    const held = new Stampede<object | undefined>({ ttl: TTL, maxEntries: entries })
    const fetch = ({ key }: { readonly key: string }): object | undefined => values.get(key)
    for (const key of keys) await held.get(key, fetch)
    return { held, entries: held.stats().entries }
  },
}

export const builds: readonly Build[] = [mapOfPromises, lruCache, stampedeBuild]
