import { Stampede } from '@stampede/core'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { elapse, eventually } from '../../../conformance/src/real-time.ts'
import type { RedisCluster } from '../../../conformance/src/redis/cluster.ts'
import { RedisServer } from '../../../conformance/src/redis/server.ts'
import { redisStore } from '../../src/index.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Inside } from '../fleet/inside.ts'
import { moveSlot } from '../fleet/move-slot.ts'
import { lead, replicated, startReplicated } from '../fleet/replicated.ts'
import { useFleets } from '../fleet/use-fleets.ts'

const fleets = useFleets()

const LIMIT = 250
const STORE = { commandTimeout: LIMIT, syncInterval: 300, leaseTtl: 60_000 }

describe('a failover', () => {
  it('29: to a replica that has neither the lease nor the invalidation: both are made good', async () => {
    const pair = await startReplicated(fleets)
    const { master, replica, link, fronts } = pair
    const fleet = await fleets.fleet({ store: STORE }, master)
    const [a, b, late] = await insidesOf(fleet, [fronts[0].port, fronts[0].port, fronts[0].port])
    await a.cache.get('key', () => 'old')
    await eventually(async () => (await b.cache.get('key', () => 'old')) === 'old' && b.cache.peek('key') !== undefined)
    await replicated(pair)
    link.hold('down')
    const first = a.get('in flight')
    const fetch = await fleet.fetch(1)
    expect(await a.cache.delete('key')).toEqual({ fleet: true })
    await master.kill()
    await replica.call('REPLICAOF', 'NO', 'ONE')
    lead(fronts[0], replica)
    // The replica has the old value, and its log lacks the change.
    await eventually(async () => (await b.cache.getFresh('key', () => 'new')) === 'new')
    await eventually(async () => (await late.cache.getFresh('key', () => 'new')) === 'new')
    await sharesAgain([a, b, late])
    const second = b.get('in flight')
    const other = await fleet.fetch(2)
    fetch.answer({ value: 'first' })
    expect(await first).toBe('first')
    other.answer({ value: 'second' })
    expect(await second).toBe('second')
    expect(await late.get('in flight')).toBe('second')
    expect(fleet.fetches).toHaveLength(2)
  })

  it('30: that half of the processes miss: none of their data survives an invalidation on the other side', async () => {
    const pair = await startReplicated(fleets)
    const { master, replica, link, fronts } = pair
    const [losing, winning] = fronts
    const fleet = await fleets.fleet({ store: STORE }, master)
    const [a, b, c] = await insidesOf(fleet, [losing.port, winning.port, winning.port])
    for (const key of ['one', 'two']) {
      await a.cache.get(key, () => 'old')
      await eventually(async () => (await b.cache.get(key, () => 'old')) === 'old' && b.cache.peek(key) !== undefined)
    }
    await replicated(pair)
    // The network splits: the replica is promoted on its side, the master goes on on the other.
    link.hold('down')
    link.hold('up')
    await replica.call('REPLICAOF', 'NO', 'ONE')
    lead(winning, replica)
    await eventually(async () => (await b.cache.delete('one')).fleet)
    expect(await a.cache.delete('two')).toEqual({ fleet: true })
    expect(await a.cache.get('two', () => 'lost')).toBe('lost')
    expect(await a.cache.get('three', () => 'lost')).toBe('lost')
    await elapse(1_000)
    expect(await b.cache.delete('two')).toEqual({ fleet: true })
    expect(await b.cache.delete('three')).toEqual({ fleet: true })
    expect(await b.cache.get('one', () => 'new')).toBe('new')
    // It heals: the old master follows the new one, and its processes are led there.
    await master.call('REPLICAOF', '127.0.0.1', replica.port)
    lead(losing, replica)
    await a.events.until('resync flushed', 1)
    for (const key of ['one', 'two', 'three']) {
      await eventually(async () => (await a.cache.get(key, () => 'new')) === 'new')
      for (const { cache } of [b, c]) expect(await cache.getFresh(key, () => 'new')).toBe('new')
    }
  })

  it('29: by a Sentinel costs no caller an error, and is followed', async () => {
    const pair = await startReplicated(fleets)
    const { master, replica } = pair
    // The replica is known by the port that it announces, the master by its own.
    await replica.call('REPLICAOF', '127.0.0.1', master.port)
    const sentinel = fleets.opened(await RedisServer.sentinel(master))
    await eventually(
      async () => String(await sentinel.call('SENTINEL', 'REPLICAS', 'mymaster')).includes(String(replica.port)),
      30_000,
    )
    const sentinels = [{ host: '127.0.0.1', port: sentinel.port }]
    const clients = [1, 2].map(() => new Redis({ sentinels, name: 'mymaster' }))
    for (const client of clients) client.on('error', () => {})
    const caches = clients.map(client => new Stampede({ ttl: 60_000, store: redisStore({ client, ...STORE }) }))
    const share = async (key: string): Promise<number> => {
      const values = caches.map((cache, index) => cache.get(key, () => elapse(50).then(() => index)))
      return new Set(await Promise.all(values)).size
    }
    await eventually(async () => (await share('before')) === 1)
    await master.kill()
    for (let count = 0; count < 50; count += 1) {
      await share(`during ${count}`)
      await elapse(20)
    }
    let tries = 0
    await eventually(async () => {
      tries += 1
      return (await share(`after ${tries}`)) === 1 && String(await replica.call('ROLE')).includes('master')
    }, 30_000)
    expect(caches.map(cache => cache.stats().errors)).toEqual([0, 0])
    for (const cache of caches) await cache.close()
    for (const client of clients) client.disconnect()
  })
})

describe('a cluster', () => {
  it('29: whose replica takes over under load causes no error', async () => {
    const cluster = await fleets.startCluster({ replicas: 1 })
    const fleet = await fleets.fleet({ store: { commandTimeout: 1_000, syncInterval: 300 } }, cluster)
    const insides = await fleet.joinAll(3)
    const stop = new AbortController()
    const load = insides.map(inside => loadUntil(stop.signal, inside))
    await elapse(500)
    for (const replica of cluster.replicas) {
      await replica.call('CLUSTER', 'FAILOVER', 'TAKEOVER')
      await elapse(1_000)
    }
    stop.abort()
    expect((await Promise.all(load)).flat()).toEqual([])
    await sharesAgain(insides)
  })

  it.each([
    ['delete', ({ cache }: Inside, key: string) => cache.delete(key)],
    ['set', ({ cache }: Inside, key: string) => cache.set(key, 'new')],
  ])('29: of which a shard without the log loses a %s: it is told again', async (_name, change) => {
    const cluster = await fleets.startCluster({ replicas: 1 })
    const fleet = await fleets.fleet({ store: { commandTimeout: 1_000, syncInterval: 300 } }, cluster)
    const [a, b] = await fleet.joinAll(2)
    if (a === undefined || b === undefined) throw new Error('two processes are asked for')
    const { key, master, replica } = await apartFromLog(cluster, fleet)
    expect(await a.cache.get(key, () => 'old')).toBe('old')
    await eventually(async () => (await b.cache.get(key, () => 'old')) === 'old' && b.cache.peek(key) !== undefined)
    await eventually(async () => (await replica.call('DBSIZE')) === (await master.call('DBSIZE')))
    replica.pause()
    await master.call('CLIENT', 'KILL', 'TYPE', 'replica')
    expect(await change(a, key)).toEqual({ fleet: true })
    await master.kill()
    replica.resume()
    await eventually(async () => String(await replica.call('ROLE')).includes('master'), 30_000)
    const late = await fleet.join()
    for (const { cache } of [b, late]) await eventually(async () => (await cache.getFresh(key, () => 'new')) === 'new')
    expect(await a.cache.getFresh(key, () => 'new')).toBe('new')
  })

  it('31: whose slots move under load causes no error', async () => {
    const cluster = await fleets.startCluster()
    const fleet = await fleets.fleet({ store: { commandTimeout: 1_000 } }, cluster)
    const insides = await fleet.joinAll(3)
    const stop = new AbortController()
    const load = insides.map(inside => loadUntil(stop.signal, inside))
    for (let key = 0; key < 10; key += 1) await moveSlot(cluster, `{${fleet.namespace}/f/key ${key}}`)
    await moveSlot(cluster, `{${fleet.namespace}}`)
    await elapse(500)
    stop.abort()
    expect((await Promise.all(load)).flat()).toEqual([])
    await sharesAgain(insides)
    for (const inside of insides) expect(inside.log.filter(line => line.startsWith('error'))).toEqual([])
  })
})

interface Apart {
  readonly key: string
  /** Of its shard. */
  readonly master: RedisServer
  readonly replica: RedisServer
}

/** A key on another shard than the log. */
async function apartFromLog(cluster: RedisCluster, { namespace }: Fleet): Promise<Apart> {
  const log = await ownerOf(cluster, `{${namespace}}`)
  for (let count = 0; ; count += 1) {
    const key = `key ${count}`
    const master = await ownerOf(cluster, `{${namespace}/f/${key}}`)
    if (master === log) continue
    for (const replica of cluster.replicas) {
      if (String(await replica.call('ROLE')).includes(String(master.port))) return { key, master, replica }
    }
  }
}

async function ownerOf({ nodes, replicas }: RedisCluster, key: string): Promise<RedisServer> {
  for (const node of nodes) {
    if (replicas.includes(node)) continue
    const isOwner = await node.call('EXISTS', key).then(
      () => true,
      () => false,
    )
    if (isOwner) return node
  }
  throw new Error(`no node has "${key}"`)
}

async function insidesOf(fleet: Fleet, ports: readonly number[]): Promise<readonly [Inside, Inside, Inside]> {
  const joined = await Promise.all(ports.map(port => fleet.join({ port })))
  const [a, b, c] = joined
  if (!a || !b || !c) throw new Error('three processes are asked for')
  return [a, b, c]
}

async function loadUntil(signal: AbortSignal, { cache }: Inside): Promise<readonly unknown[]> {
  const errors: unknown[] = []
  for (let count = 0; !signal.aborted; count += 1) {
    const key = `key ${count % 10}`
    if (count % 25 === 0) await cache.delete(key)
    await cache.get(key, () => elapse(10).then(() => count)).catch((error: unknown) => errors.push(error))
    await elapse(2)
  }
  return errors
}

async function sharesAgain(insides: readonly Inside[]): Promise<void> {
  let tries = 0
  await eventually(async () => {
    tries += 1
    const values = insides.map(({ cache }, index) => cache.get(`again ${tries}`, () => elapse(50).then(() => index)))
    return new Set(await Promise.all(values)).size === 1
  }, 30_000)
}
