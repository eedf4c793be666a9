import type { SharedTier } from '@stampede/core'
import { Redis as Ioredis } from 'ioredis'
import { Redis as Iovalkey } from 'iovalkey'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { RedisServer } from '../../conformance/src/redis/server.ts'
import { redisStore } from '../src/index.ts'
import { awaitClientTimers } from './client-timers.ts'
import { type Connected, clients, turns } from './connect.ts'
import { glideOf } from './glide-clients.ts'
import { localTier } from './unit/process.ts'

awaitClientTimers()

let server: RedisServer

beforeAll(async () => {
  server = await RedisServer.start()
})

afterAll(() => server.close())

async function glide(port: number): Promise<Connected> {
  const client = await glideOf(port)
  return { client, end: () => client.close() }
}

/** A pool cannot listen. */
const subscribers = { ...Object.fromEntries(Object.entries(clients).filter(([name]) => !name.includes('pool'))), glide }

/** What somebody is subscribed to. */
async function channels(): Promise<readonly unknown[]> {
  return [await server.call('PUBSUB', 'CHANNELS')].flat().filter(name => !String(name).startsWith('__'))
}

describe.each(Object.entries(subscribers))('a subscriber of %s that was given to stores', (_name, connect) => {
  let one: Connected
  let subscriber: Connected

  beforeEach(async () => {
    one = await connect(server.port)
    subscriber = await connect(server.port)
    return () => {
      one.end()
      subscriber.end()
    }
  })

  function join(told: string[] = []): SharedTier {
    const options = { client: one.client, subscriber: subscriber.client, commandTimeout: 2_000, syncInterval: 60_000 }
    return redisStore(options).join(localTier('f', told))
  }

  it('keeps the channel that they share until the last of them is closed', async () => {
    const told: string[] = []
    const first = join()
    const second = join(told)
    await eventually(async () => (await channels()).length === 3)
    await first.close()
    await eventually(async () => (await channels()).length === 2)
    const third = join()
    await eventually(async () => (await channels()).length === 3)
    expect(await third.invalidate(['key'])).toBe(true)
    await eventually(() => told.includes('key key'))
    await Promise.all([second.close(), third.close()])
    await eventually(async () => (await channels()).length === 0)
  })

  it('is subscribed to nothing once they are closed, whenever that is', async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      const tiers = [join(), join()]
      await turns(turn)
      await Promise.all(tiers.map(tier => tier.close()))
    }
    // Its subscription comes behind all of theirs.
    const last = join()
    await eventually(async () => (await channels()).length === 2)
    await last.close()
    await eventually(async () => (await channels()).length === 0)
    expect(await channels()).toEqual([])
  })

  it('does not delay closing a store', async () => {
    const tier = join()
    await eventually(async () => (await channels()).length === 2)
    const client = subscriber.client as { unsubscribe(): Promise<unknown> }
    const unsubscribe = vi.spyOn(client, 'unsubscribe').mockReturnValue(new Promise(() => {}))
    await tier.close()
    await eventually(() => unsubscribe.mock.calls.length === 1)
    expect(unsubscribe).toHaveBeenCalledOnce()
  })

  it('may be ended before them', async () => {
    const tier = join()
    await eventually(async () => (await channels()).length === 2)
    subscriber.end()
    await eventually(async () => (await channels()).length === 0)
    expect(await tier.close()).toBeUndefined()
    subscriber = await connect(server.port)
  })
})

const limited = { username: 'limited', host: '127.0.0.1', password: 'secret' }
const likeIoredis = {
  ioredis: (port: number) => new Ioredis({ ...limited, port }),
  iovalkey: (port: number) => new Iovalkey({ ...limited, port }),
}

describe.each(Object.entries(likeIoredis))('without the right to subscribe, %s', (_name, connected) => {
  it.each(['a subscriber', 'one of its own'])('listens once with %s, however often it tries', async which => {
    await server.call('ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '+@all', 'resetchannels')
    const client = connected(server.port)
    const given = connected(server.port)
    onTestFinished(() => {
      client.disconnect()
      given.disconnect()
    })
    const duplicate = vi.spyOn(client, 'duplicate')
    const subscriber = which === 'a subscriber' ? { subscriber: given } : {}
    const tier = redisStore({ client, ...subscriber, commandTimeout: 2_000, syncInterval: 5 }).join(localTier('f', []))
    await eventually(() => which === 'a subscriber' || duplicate.mock.results.length === 1)
    const listening = which === 'a subscriber' ? given : (duplicate.mock.results[0]?.value as typeof given)
    const before = listening.listenerCount('ready')
    const tries = vi.spyOn(listening, 'subscribe')
    await eventually(() => tries.mock.calls.length > 10)
    expect(listening.listenerCount('messageBuffer')).toBe(1)
    expect(listening.listenerCount('ready')).toBeLessThanOrEqual(before)
    await server.call('ACL', 'SETUSER', 'limited', 'allchannels')
    await eventually(async () => (await channels()).length === 2)
    await tier.close()
    await eventually(async () => (await channels()).length === 0)
    expect(listening.listenerCount('messageBuffer')).toBe(0)
  })
})
