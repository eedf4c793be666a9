import type { NewRecord, SharedLease, SharedTier } from '@stampede/core'
import { Redis } from 'ioredis'
import { afterAll, afterEach } from 'vitest'
import { RedisServer } from '../../conformance/src/redis/server.ts'
import { type RedisStoreOptions, redisStore } from '../src/index.ts'
import { localTier } from './unit/process.ts'

export const ASKED = { timeout: 60_000, wait: 60_000 }
export const MADE: NewRecord = {
  body: 'body',
  meta: null,
  tags: ['red'],
  ttl: 60_000,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  duration: 1,
}
/** Where the key `key` of functions stands. */
export const RECORD = 'st:1:{st/f/key}:v'
export const LEASE = 'st:1:{st/f/key}:l'
export const LOG = 'st:1:{st}:log'

/** One process's part in a fleet, and the calls of its memory. */
interface Joined {
  readonly tier: SharedTier
  readonly told: string[]
}

interface User {
  readonly username?: string
  readonly password?: string
}

export interface Tiers {
  readonly server: RedisServer
  /** A client to look into the server by, and to change what is there. */
  readonly hands: Redis
  /** Ends with the test. */
  readonly joined: (options?: Partial<RedisStoreOptions>, user?: User) => Joined
}

/** A server for all tests of a file, which each find it empty, and processes that share it. */
export async function useTiers(): Promise<Tiers> {
  const server = await RedisServer.start()
  const hands = new Redis({ port: server.port, host: '127.0.0.1' })
  const open: { close(): unknown }[] = []
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one.close()
    await hands.config('SET', 'maxmemory', '0')
    await hands.flushall()
  })
  afterAll(async () => {
    hands.disconnect()
    await server.close()
  })
  const joined: Tiers['joined'] = (options, user) => {
    const client = new Redis({ port: server.port, host: '127.0.0.1', ...user })
    client.on('error', () => {})
    const told: string[] = []
    const tier = redisStore({ commandTimeout: 2_000, ...options, client }).join(localTier('f', told))
    open.push({ close: () => client.disconnect() }, tier)
    return { tier, told }
  }
  return { server, hands, joined }
}

export async function lead(tier: SharedTier, key = 'key'): Promise<SharedLease> {
  const turn = await tier.acquire(key, ASKED)
  if (turn.kind !== 'lead') throw new Error(`no lease, but ${turn.kind}`)
  return turn.lease
}

/** The body that a process finds under the key `key`. */
export async function stored(tier: SharedTier): Promise<string | undefined> {
  const record = await tier.read('key')
  return record && Buffer.from(record.body).toString()
}
