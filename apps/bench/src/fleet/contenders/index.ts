import type { FleetContender } from '../contender.ts'

/** Milliseconds after which others take over from a process that died: what the store does by default. */
export const LEASE = 1_000

// A process loads the packages of its own contender alone.

export const stampede: FleetContender = {
  name: 'Stampede',
  package: '@stampede/core',
  open: async setting => (await import('./stampede.ts')).stampedeOver(setting, LEASE),
}

/** Shared within one process alone: it shows the machine's effect on the others. */
export const alone: FleetContender = {
  name: 'Stampede, no store',
  package: '@stampede/core',
  open: async setting => (await import('./stampede.ts')).stampedeAlone(setting),
}

export const rawGet: FleetContender = {
  name: 'raw GET, ioredis',
  package: 'ioredis',
  open: async setting => (await import('./raw-get.ts')).rawGetOver(setting),
}

export const rawGetOfNodeRedis: FleetContender = {
  name: 'raw GET, node-redis',
  package: '@keyv/redis',
  open: async setting => (await import('./raw-get-of-node-redis.ts')).rawGetOfNodeRedisOver(setting),
}

export const bentocache: FleetContender = {
  name: 'bentocache',
  package: 'bentocache',
  allowance:
    'memory, Redis and bus, as its guide has it; its memory holds values serialized, since its bus asks for that',
  open: async setting => (await import('./bentocache.ts')).bentocacheOver(setting, false),
}

export const asyncCacheDedupe: FleetContender = {
  name: 'async-cache-dedupe',
  package: 'async-cache-dedupe',
  allowance: 'with its storage in Redis it keeps nothing in memory',
  open: async setting => (await import('./async-cache-dedupe.ts')).asyncCacheDedupeOver(setting, false),
}

export const cacheable: FleetContender = {
  name: 'cacheable',
  package: 'cacheable',
  allowance:
    'its own client, @keyv/redis over node-redis; its sync over @qified/redis, whose clients are given the listeners without which the process ends when the server does',
  open: async setting => (await import('./cacheable.ts')).cacheableOver(setting, false),
}

/** Libraries with a Redis of their own, as their guides set them up for several processes. */
export const peers: readonly FleetContender[] = [bentocache, asyncCacheDedupe, cacheable]

/** The same with what they, and their clients, offer against a server that does not answer. */
export const impatientPeers: readonly FleetContender[] = [
  {
    ...bentocache,
    name: 'bentocache, impatient',
    allowance: 'ioredis with commandTimeout 100, no retries, no queue; its own l2CircuitBreakerDuration of 1 s',
    open: async setting => (await import('./bentocache.ts')).bentocacheOver(setting, true),
  },
  {
    ...asyncCacheDedupe,
    name: 'async-cache-dedupe, impatient',
    allowance: 'ioredis with commandTimeout 100, no retries, no queue',
    open: async setting => (await import('./async-cache-dedupe.ts')).asyncCacheDedupeOver(setting, true),
  },
  {
    ...cacheable,
    name: 'cacheable, impatient',
    allowance: 'nonBlocking with createKeyvNonBlocking, as its guide has it',
    open: async setting => (await import('./cacheable.ts')).cacheableOver(setting, true),
  },
]

const all: readonly FleetContender[] = [stampede, alone, ...peers, ...impatientPeers, rawGet, rawGetOfNodeRedis]

export function contenderOf(name: string): FleetContender {
  const contender = all.find(each => each.name === name)
  if (contender === undefined) throw new Error(`There is no contender "${name}".`)
  return contender
}
