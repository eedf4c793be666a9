import { Redis as Ioredis } from 'ioredis'
import { Redis as Iovalkey } from 'iovalkey'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { RedisServer } from '../../conformance/src/redis/server.ts'
import { TcpProxy } from '../../conformance/src/tcp-proxy.ts'
import { redisStore } from '../src/index.ts'
import { awaitClientTimers } from './client-timers.ts'
import { localTier } from './unit/process.ts'

awaitClientTimers()

let server: RedisServer
let proxy: TcpProxy

beforeAll(async () => {
  server = await RedisServer.start()
  proxy = await TcpProxy.to(server.port)
})

afterAll(async () => {
  await proxy.close()
  await server.close()
})

/** Rejections without a handler at the end of this turn, which end a process. */
function unhandled(): readonly unknown[] {
  const seen: unknown[] = []
  const see = (reason: unknown): void => void seen.push(reason)
  process.on('unhandledRejection', see)
  onTestFinished(() => void process.off('unhandledRejection', see))
  return seen
}

function listeners(): readonly unknown[] {
  return proxy.links('subscribers')
}

const clients = {
  ioredis: (port: number) => new Ioredis({ port, host: '127.0.0.1' }),
  iovalkey: (port: number) => new Iovalkey({ port, host: '127.0.0.1' }),
}

describe.each(Object.entries(clients))('a connection for messages of %s', (_, connected) => {
  it('may be ended while it subscribes again', async () => {
    const rejections = unhandled()
    const client = connected(proxy.port)
    const tier = redisStore({ client, commandTimeout: 2_000 }).join(localTier('f', []))
    await eventually(() => listeners().length === 1)
    expect(await tier.clear()).toBe(true)
    const [first] = listeners()
    proxy.dropIf('down', bytes => bytes.includes('subscribe'))
    proxy.cut('subscribers')
    await eventually(() => listeners().some(link => link !== first))
    await tier.close()
    client.disconnect()
    proxy.release()
    await eventually(() => listeners().length === 0)
    await new Promise(resolve => setImmediate(resolve))
    expect(rejections).toEqual([])
  })

  it('subscribes again by itself', async () => {
    const client = connected(proxy.port)
    const told: string[] = []
    const tier = redisStore({ client, commandTimeout: 2_000, syncInterval: 60_000 }).join(localTier('f', told))
    const other = connected(server.port)
    const telling = redisStore({ client: other, commandTimeout: 2_000 }).join(localTier('f', []))
    await eventually(() => listeners().length === 1)
    const [first] = listeners()
    proxy.cut('subscribers')
    await eventually(() => listeners().some(link => link !== first))
    await eventually(async () => (await telling.invalidate(['key'])) && told.includes('key key'))
    expect(told).not.toContain('all')
    await Promise.all([tier.close(), telling.close()])
    client.disconnect()
    other.disconnect()
    await eventually(() => listeners().length === 0)
  })
})
