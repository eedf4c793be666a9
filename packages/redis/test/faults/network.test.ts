import { Stampede } from '@stampede/core'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { elapse, eventually } from '../../../conformance/src/real-time.ts'
import type { RedisServer } from '../../../conformance/src/redis/server.ts'
import { ioredisDriver } from '../../src/clients/ioredis.ts'
import { type RedisDriver, redisStore } from '../../src/index.ts'
import type { Inside } from '../fleet/inside.ts'
import { useFleets } from '../fleet/use-fleets.ts'

const { fleet: startFleet, start } = useFleets()

const LIMIT = 250
const FETCH = 20
const SLACK = 3_000

describe('a process behind a black hole', () => {
  it.each([
    ['both ways', ['up', 'down']],
    ['of what it sends', ['up']],
    ['of what it is sent', ['down']],
  ] as const)('32: %s serves on its own, and joins again', async (_name, directions) => {
    const fleet = await startFleet({ store: { commandTimeout: LIMIT, syncInterval: 300 } })
    const proxy = await fleet.proxy()
    const lost = await fleet.join({ port: proxy.port })
    const others = await fleet.joinAll(2)
    await shared([lost, ...others], 'before')
    for (const direction of directions) proxy.hold(direction)
    const end = performance.now() + 900
    for (let count = 0; performance.now() < end; count += 1) {
      const began = performance.now()
      expect(await lost.cache.get(`lost ${count}`, () => made('alone'))).toBe('alone')
      expect(performance.now() - began).toBeLessThan(FETCH + 3 * LIMIT + SLACK)
      await shared(others, `others ${count}`)
    }
    expect(lost.events.count('breaker open')).toBeGreaterThan(0)
    for (const { events } of others) expect(events.count('breaker open')).toBe(0)
    proxy.release()
    await lost.events.until('breaker closed', 1)
    let count = 0
    await eventually(async () => {
      count += 1
      return (await valuesOf([lost, ...others], `after ${count}`)).size === 1
    })
  })

  it('32: that may not be unverified for long serves nothing from its memory then', async () => {
    const fleet = await startFleet({ store: { commandTimeout: LIMIT, syncInterval: 200, maxDisconnected: 600 } })
    const proxy = await fleet.proxy()
    const lost = await fleet.join({ port: proxy.port })
    const other = await fleet.join()
    await other.cache.set('key', 'old')
    await eventually(async () => (await lost.get('key')) === 'old' && lost.cache.peek('key') !== undefined)
    proxy.hold('up')
    proxy.hold('down')
    await other.cache.delete('key')
    await eventually(() => lost.cache.peek('key') === undefined)
    expect(await lost.cache.get('key', () => 'new')).toBe('new')
    proxy.release()
    await lost.events.until('breaker closed', 1)
  })
})

describe('a clock that jumps', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([3_600_000, -3_600_000])('34: of the process, by %i ms, changes nothing', async jump => {
    const fleet = await startFleet()
    const [a, b] = await fleet.joinAll(2)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + jump })
    expect(await a?.cache.get('key', () => 'made', { ttl: 5_000 })).toBe('made')
    expect(await b?.get('key')).toBe('made')
    const ttl = b?.cache.peek('key')?.ttl ?? 0
    expect(ttl).toBeGreaterThan(0)
    expect(ttl).toBeLessThanOrEqual(5_000)
    vi.setSystemTime(Date.now() - 2 * jump)
    expect(b?.cache.peek('key')?.state).toBe('fresh')
  })

  it.each([3_600_000, -3_600_000])('34: of the server, by %i ms, makes nothing live for ever', async jump => {
    const server = await start()
    let shift = 0
    const client = new Redis({ port: server.port, host: '127.0.0.1' })
    client.on('error', () => {})
    const inner = ioredisDriver(client, undefined)
    const driver: RedisDriver = {
      ready: () => inner.ready(),
      call: async (args, key) => shifted(await inner.call(args, key), shift),
      subscribe: async (channels, on) => inner.subscribe?.(channels, on),
      onReady: listener => inner.onReady?.(listener),
      close: async () => inner.close?.(),
    }
    const cache = new Stampede({ ttl: 2_000, store: redisStore({ driver, namespace: 'jump', syncInterval: 100 }) })
    await cache.set('before', 'made')
    shift = jump
    await elapse(300)
    await cache.set('after', 'made')
    const fleet = await startFleet({ store: { namespace: 'jump' } }, server)
    const other = await fleet.join()
    for (const key of ['before', 'after']) {
      await other.cache.get(key, () => 'again', { ttl: 2_000 })
      expect(other.cache.peek(key)?.ttl ?? 0).toBeLessThanOrEqual(2_000)
      expect(await cache.get(key, () => 'again')).toBeDefined()
      expect(cache.peek(key)?.ttl ?? 0).toBeLessThanOrEqual(2_000)
    }
    await eventually(async () => (await left(server)) === 0)
    await cache.close()
    client.disconnect()
  })
})

async function left(server: RedisServer): Promise<number> {
  const keys = await server.call('KEYS', 'jump:*:v')
  return Array.isArray(keys) ? keys.length : 0
}

/** Replies that begin with the server's time contain a shifted one. */
function shifted(reply: unknown, shift: number): unknown {
  if (!Array.isArray(reply) || !Array.isArray(reply[0]) || reply[0].length !== 2) return reply
  const [[seconds, micros], ...rest] = reply as [[unknown, unknown], ...unknown[]]
  const digits = String(seconds)
  if (!/^\d{10}$/.test(digits)) return reply
  return [[Buffer.from(String(Number(digits) + shift / 1_000)), micros], ...rest]
}

async function made(value: string): Promise<string> {
  await elapse(FETCH)
  return value
}

async function valuesOf(insides: readonly Inside[], key: string): Promise<ReadonlySet<unknown>> {
  const values = insides.map(({ cache }, index) => cache.get(key, () => made(`of ${index}`)))
  return new Set(await Promise.all(values))
}

/** All get what one of them fetched. */
async function shared(insides: readonly Inside[], key: string): Promise<void> {
  expect((await valuesOf(insides, key)).size).toBe(1)
}
