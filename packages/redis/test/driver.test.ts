import { fork } from 'node:child_process'
import type { NewRecord, SharedTier } from '@stampede/core'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { RedisServer } from '../../conformance/src/redis/server.ts'
import { type RedisDriver, redisStore } from '../src/index.ts'
import { builtWaiting } from './fleet/built-worker.ts'
import { localTier } from './unit/process.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }
const MADE: NewRecord = {
  body: Uint8Array.from({ length: 256 }, (_, index) => index),
  meta: null,
  tags: [],
  ttl: 60_000,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  duration: 1,
}

let server: RedisServer
let client: Redis
const tiers: SharedTier[] = []

beforeAll(async () => {
  server = await RedisServer.start()
  client = new Redis({ port: server.port, host: '127.0.0.1' })
})

afterAll(async () => {
  await Promise.all(tiers.map(tier => tier.close()))
  client.disconnect()
  await server.close()
})

/** What a driver without messages has, as one over HTTP. */
const driver: RedisDriver = {
  ready: () => client.status === 'ready',
  call: ([command = '', ...args]) => client.callBuffer(String(command), ...args.map(arg => Buffer.from(arg))),
}

function joined(told: string[]): SharedTier {
  const tier = redisStore({ driver, commandTimeout: 2_000, namespace: 'polled' }).join(localTier('f', told))
  tiers.push(tier)
  return tier
}

it('works without messages: waiting processes poll, and changes are read', async () => {
  const told: string[] = []
  const [a, b] = [joined([]), joined(told)]
  const turn = await a.acquire('key', ASKED)
  if (turn.kind !== 'lead') throw new Error('no lease')
  const waiting = b.acquire('key', ASKED)
  await b.read('key')
  expect(await turn.lease.commit(MADE)).toBe('stored')
  const got = await waiting
  expect(got.kind === 'hit' && Buffer.compare(got.record.body, Buffer.from(MADE.body)) === 0).toBe(true)
  expect(await a.invalidate(['key'])).toBe(true)
  await eventually(() => told.includes('key key'))
})

it('keeps its process as long as somebody waits, and no longer', async () => {
  const child = fork(builtWaiting)
  onTestFinished(() => void child.kill('SIGKILL'))
  expect(await new Promise(resolve => child.once('exit', resolve))).toBe(0)
})
