import type { NewRecord, SharedTier } from '@stampede/core'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { RedisServer } from '../../conformance/src/redis/server.ts'
import { redisStore } from '../src/index.ts'
import { localTier } from './unit/process.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }
const MADE: NewRecord = {
  body: 'body',
  meta: null,
  tags: ['red'],
  ttl: 60_000,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  duration: 1,
}

let server: RedisServer
let hands: Redis
const open: { close(): unknown }[] = []

beforeAll(async () => {
  server = await RedisServer.start()
  hands = new Redis({ port: server.port, host: '127.0.0.1' })
})

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
  await hands.config('SET', 'maxmemory', '0')
  await hands.flushall()
})

afterAll(async () => {
  hands.disconnect()
  await server.close()
})

interface Joined {
  readonly tier: SharedTier
  readonly told: string[]
}

function joined(): Joined {
  const client = new Redis({ port: server.port, host: '127.0.0.1' })
  client.on('error', () => {})
  const told: string[] = []
  const tier = redisStore({ timeout: 2_000, client }).join(localTier('f', told))
  open.push({ close: () => client.disconnect() }, tier)
  return { tier, told }
}

async function lead(tier: SharedTier, key = 'key') {
  const turn = await tier.acquire(key, ASKED)
  if (turn.kind !== 'lead') throw new Error(`no lease, but ${turn.kind}`)
  return turn.lease
}

async function stored(of: Joined): Promise<string | undefined> {
  const record = await of.tier.read('key')
  return record && Buffer.from(record.body).toString()
}

const RECORD = 'st:1:{st/f/key}:v'

describe('a server', () => {
  it('that is out of memory is degraded, and serves on what it has', async () => {
    const made = joined()
    await made.tier.set('key', MADE)
    const lease = await lead(made.tier, 'other')
    await hands.config('SET', 'maxmemory', '1')
    expect(await lease.commit(MADE)).toBe('unknown')
    expect(await stored(made)).toBe('body')
    expect(await made.tier.acquire('third', ASKED)).toEqual({ kind: 'local', reason: 'OOM' })
    expect(made.told.filter(said => said.startsWith('open'))).toEqual([])
  })

  it('that is out of memory takes changes all the same, and what is to be stored as one', async () => {
    const [a, b] = [joined(), joined()]
    for (const key of ['key', 'tagged', 'cleared']) await a.tier.set(key, { ...MADE, tags: [key] })
    await b.tier.read('key')
    await hands.config('SET', 'maxmemory', '1')
    expect(await a.tier.set('key', { ...MADE, body: 'new' })).toBe(true)
    expect(await hands.exists(RECORD)).toBe(0)
    expect(await a.tier.invalidateTags(['tagged'])).toBe(true)
    await eventually(() => b.told.includes('key key') && b.told.includes('tag tagged'))
    const late = joined()
    for (const { tier } of [a, b, late]) {
      expect(await Promise.all(['key', 'tagged'].map(key => tier.read(key)))).toEqual([undefined, undefined])
      expect(await tier.read('cleared')).toBeDefined()
    }
    expect(await a.tier.invalidate(['other'])).toBe(true)
    expect(await a.tier.clear()).toBe(true)
    expect(await late.tier.read('cleared')).toBeUndefined()
    expect([...a.told, ...b.told, ...late.told].filter(said => /open|degrade/.test(said))).toEqual(['degrade key: OOM'])
  })

  it('that is out of memory when it is met for the first time takes changes too', async () => {
    await hands.config('SET', 'maxmemory', '1')
    const { tier, told } = joined()
    expect(await tier.invalidateTags(['red'])).toBe(true)
    expect(told).toEqual([])
  })
})
