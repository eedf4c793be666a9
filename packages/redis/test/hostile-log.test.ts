import type { NewRecord, SharedTier } from '@stampede/core'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
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
  await hands.flushall()
})

afterAll(async () => {
  hands.disconnect()
  await server.close()
})

function joined(): SharedTier {
  const client = new Redis({ port: server.port, host: '127.0.0.1' })
  client.on('error', () => {})
  const tier = redisStore({ timeout: 2_000, client }).join(localTier('f', []))
  open.push({ close: () => client.disconnect() }, tier)
  return tier
}

async function lead(tier: SharedTier, key = 'key') {
  const turn = await tier.acquire(key, ASKED)
  if (turn.kind !== 'lead') throw new Error(`no lease, but ${turn.kind}`)
  return turn.lease
}

async function stored(of: SharedTier): Promise<string | undefined> {
  const record = await of.read('key')
  return record && Buffer.from(record.body).toString()
}

const RECORD = 'st:1:{st/f/key}:v'
const LEASE = 'st:1:{st/f/key}:l'
const LOG = 'st:1:{st}:log'

describe('an id in the log that is later than any time', () => {
  it.each(['300000000000000-0', '999999999999999-7', '18446744073709551615-0'])(
    'keeps nobody from anything: %s',
    async id => {
      const [a, b] = [joined(), joined()]
      await Promise.all([a, b].map(stored))
      await hands.xadd(LOG, id, 'o', 'foreign')
      for (const tier of [a, b]) expect(await tier.invalidate(['other'])).toBe(true)
      const passing = await lead(a, 'passed')
      passing.pass(1_000)
      expect(await b.acquire('passed', ASKED)).toEqual({ kind: 'pass' })
      expect(await a.set('key', MADE)).toBe(true)
      expect(await stored(b)).toBe('body')
      await b.invalidateTags(['red'])
      expect(await stored(b)).toBeUndefined()
      await (await lead(a)).commit(MADE)
      expect(await stored(b)).toBe('body')
      await a.clear()
      expect(await stored(a)).toBeUndefined()
    },
  )
})

it('a lease that never ends is none', async () => {
  const tier = joined()
  await hands.hset(LEASE, 't', 'a'.repeat(16))
  expect(await (await lead(tier)).commit(MADE)).toBe('stored')
  expect(await hands.exists(LEASE)).toBe(0)
})

it('a server that forgets its scripts takes changes in their order', async () => {
  const [a, b] = [joined(), joined()]
  await Promise.all([a, b].map(stored))
  await hands.script('FLUSH')
  await b.invalidate(['other'])
  expect(await Promise.all([a.set('key', MADE), a.invalidate(['key'])])).toEqual([true, true])
  expect(await hands.exists(RECORD)).toBe(0)
})
