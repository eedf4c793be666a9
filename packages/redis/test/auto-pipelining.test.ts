import { Redis as Ioredis } from 'ioredis'
import lowest from 'ioredis-lowest'
import { Redis as Iovalkey } from 'iovalkey'
import { expect, it, onTestFinished } from 'vitest'
import { redisStore } from '../src/index.ts'
import { awaitClientTimers } from './client-timers.ts'
import { localTier } from './unit/process.ts'
import { ASKED, lead, MADE, useTiers } from './use-tiers.ts'

awaitClientTimers()

const { server, joined } = await useTiers()

const options = { port: server.port, host: '127.0.0.1', enableAutoPipelining: true }

it.each([
  ['ioredis', () => new Ioredis(options)],
  ['the lowest ioredis', () => new lowest.default(options)],
  ['iovalkey', () => new Iovalkey(options)],
])('a client of %s that sends what comes together as one does so for the store too', async (_name, connect) => {
  const client = connect()
  const tier = redisStore({ commandTimeout: 2_000, client }).join(localTier('f', []))
  onTestFinished(async () => {
    await tier.close()
    client.disconnect()
  })
  const body = Uint8Array.from([0, 255, 254, 128, 10, 13])
  const lease = await lead(tier)
  expect(await lease.commit({ ...MADE, body })).toBe('stored')
  const other = joined().tier
  expect(await Promise.all([other.read('key'), tier.read('key'), tier.read('none')])).toMatchObject([
    { body: Buffer.from(body) },
    { body: Buffer.from(body) },
    undefined,
  ])
  expect(await tier.acquire('key', ASKED)).toMatchObject({ kind: 'hit' })
  expect(await tier.invalidateTags(MADE.tags)).toBe(true)
  expect(await tier.read('key')).toBeUndefined()
})
