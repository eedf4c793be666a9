import { fork } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import type { SharedTier } from '@stampede/core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { RedisServer } from '../../conformance/src/redis/server.ts'
import { TcpProxy } from '../../conformance/src/tcp-proxy.ts'
import { driverOf } from '../src/clients/driver-of.ts'
import { type RedisDriver, redisStore } from '../src/index.ts'
import { awaitClientTimers } from './client-timers.ts'
import { clients, turns } from './connect.ts'
import { builtClosing } from './fleet/built-worker.ts'
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

async function connections(): Promise<number> {
  const list = await server.call('CLIENT', 'LIST')
  return String(list).trim().split('\n').length
}

/** Who asks for the list is on it. */
const USERS = 2

/** From a moment before a line is made to one after it is. */
const TURNS = 20

/** Lines that are made later than any that was left behind. */
async function settled(): Promise<void> {
  await turns(50)
  await connections()
}

function join(client: object): SharedTier {
  return redisStore({ client, commandTimeout: 2_000 }).join(localTier('f', []))
}

describe.each(Object.entries(clients))('a store over %s', (name, connect) => {
  it('leaves no connection behind, whenever it is closed', async () => {
    const { client, end } = await connect(server.port)
    await eventually(async () => (await connections()) === USERS)
    for (let turn = 0; turn < TURNS; turn += 1) {
      const tier = join(client)
      await turns(turn)
      await tier.close()
    }
    await settled()
    await eventually(async () => (await connections()) <= USERS)
    expect(await connections()).toBe(USERS)
    end()
    await eventually(async () => (await connections()) === USERS - 1)
  })

  it.each([false, true])('leaves none behind where it is closed while it connects again, in vain: %j', async inVain => {
    const { client, end } = await connect(proxy.port)
    await eventually(async () => (await connections()) === USERS)
    for (let turn = 0; turn < TURNS; turn += 1) {
      const tier = join(client)
      await eventually(() => proxy.links('subscribers').length === 1)
      proxy.isRefusing = inVain
      proxy.cut('subscribers')
      await turns(turn)
      await tier.close()
      proxy.isRefusing = false
      await eventually(() => proxy.links('subscribers').length === 0)
    }
    await settled()
    await eventually(async () => (await connections()) <= USERS)
    expect(await connections()).toBe(USERS)
    end()
  })

  it('opens one line for two at once, and none when it is closed', async () => {
    const { client, end } = await connect(server.port)
    await eventually(async () => (await connections()) === USERS)
    const port = driverOf(client, undefined)?.() as Required<RedisDriver>
    await Promise.all([port.subscribe(['one'], () => {}), port.subscribe(['one'], () => {})])
    expect(await connections()).toBe(USERS + 1)
    await Promise.all([port.close(), port.close()])
    await port.subscribe(['one'], () => {})
    await settled()
    await eventually(async () => (await connections()) <= USERS)
    expect(await connections()).toBe(USERS)
    end()
    await eventually(async () => (await connections()) < USERS)
  })

  it('adds to its client one listener for all stores that share it, and takes it off', async () => {
    const { client, end } = await connect(server.port)
    const listeners = (): number[] =>
      ['ready', 'node-ready'].map(event => (client as EventEmitter).listenerCount(event))
    const before = listeners()
    const tiers = Array.from({ length: 12 }, () => join(client))
    for (const [index, count] of listeners().entries()) expect(count - (before[index] ?? 0)).toBeLessThan(2)
    expect(listeners()).not.toEqual(before)
    await Promise.all(tiers.map(tier => tier.close()))
    expect(listeners()).toEqual(before)
    end()
    await eventually(async () => (await connections()) < USERS)
  })

  it('lets its process end, whenever it is closed', async () => {
    const child = fork(builtClosing, [name, String(server.port)])
    onTestFinished(() => void child.kill('SIGKILL'))
    expect(await new Promise(resolve => child.once('exit', resolve))).toBe(0)
  })
})
