import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { driverOf } from '../src/clients/driver-of.ts'
import { type RedisDriver, redisStore } from '../src/index.ts'
import { SET } from '../src/protocol/scripts.ts'
import { localTier } from './unit/process.ts'
import { LEASE, lead, MADE, RECORD, stored, useTiers } from './use-tiers.ts'

const { server, joined, hands } = await useTiers()

const NEWER = { ...MADE, body: 'newer' }

interface Delayed {
  readonly tier: ReturnType<typeof joined>['tier']
  /** Sends what stores the record, which the line has kept till now. */
  readonly deliver: () => Promise<unknown>
}

/** A process over many lines, of which one keeps what stores a record, until the process has given it up. */
function delayed(): Delayed {
  const client = new Redis({ port: server.port, host: '127.0.0.1' })
  const port = driverOf(client, undefined)?.() as Required<RedisDriver>
  let send: (() => Promise<unknown>) | undefined
  const kept: RedisDriver = {
    ready: () => port.ready(),
    subscribe: (channels, on) => port.subscribe(channels, on),
    onReady: listener => port.onReady(listener),
    close: () => port.close(),
    call: (args, key) => {
      if (args[1] !== SET.digest || send !== undefined) return port.call(args, key)
      send = () => port.call(['EVAL', SET.source, ...args.slice(2)], key)
      return new Promise(() => {})
    },
  }
  const tier = redisStore({ driver: kept, commandTimeout: 200 }).join(localTier('f', []))
  onTestFinished(async () => {
    await tier.close()
    client.disconnect()
  })
  return { tier, deliver: async () => send?.() }
}

describe('a set that was given up, and comes late over another line', () => {
  it.each([
    ['set', 'of its own process', 'newer'],
    ['delete', 'of its own process', undefined],
    ['set', 'of another one', 'newer'],
    ['delete', 'of another one', undefined],
  ])('stores nothing over a later %s %s', async (change, whose, expected) => {
    const { tier, deliver } = delayed()
    expect(await tier.set('key', { ...MADE, body: 'older' })).toBe(false)
    const changing = whose === 'of another one' ? joined().tier : tier
    await eventually(() => (change === 'set' ? changing.set('key', NEWER) : changing.invalidate(['key'])))
    await deliver()
    expect(await stored(joined().tier)).toBe(expected)
  })

  it('removes the record and fences the work while another process is about to store', async () => {
    const { tier, deliver } = delayed()
    expect(await tier.set('key', MADE)).toBe(false)
    // By then it has published what it could not store.
    await eventually(() => tier.invalidate(['other']))
    const { tier: other } = joined()
    expect(await other.set('key', MADE)).toBe(true)
    await hands.set('st:1:{st/f/key}:x', 'another version')
    await hands.hset(LEASE, 't', 'a'.repeat(16))
    await deliver()
    expect(await hands.exists(RECORD, LEASE)).toBe(0)
    expect(await (await lead(other)).commit(MADE)).toBe('stored')
  })
})
