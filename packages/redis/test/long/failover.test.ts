import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stampede } from '@stampede/core'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { elapse, eventually } from '../../../conformance/src/real-time.ts'
import type { RedisCluster } from '../../../conformance/src/redis/cluster.ts'
import { freePort, RedisServer } from '../../../conformance/src/redis/server.ts'
import { redisStore } from '../../src/index.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Inside } from '../fleet/inside.ts'
import { replicated, startReplicated } from '../fleet/replicated.ts'
import { useFleets } from '../fleet/use-fleets.ts'

const fleets = useFleets()

const LIMIT = 250
const STORE = { timeout: LIMIT, heartbeat: 300, lease: 60_000 }

describe('a failover', () => {
  it('29: to a replica that has neither the lease nor the invalidation: both are made good', async () => {
    const pair = await startReplicated(fleets, 1)
    const { master, replica, link, fronts } = pair
    const [front] = fronts
    const fleet = await fleets.fleet({ store: STORE }, master)
    const [a, b, late] = await insidesOf(fleet, [front?.port, front?.port, front?.port])
    await a.cache.get('key', () => 'old')
    await eventually(async () => (await b.cache.get('key', () => 'old')) === 'old' && b.cache.peek('key') !== undefined)
    await replicated(pair)
    link.hold('down')
    const first = a.get('in flight')
    const fetch = await fleet.fetch(1)
    expect(await a.cache.delete('key')).toEqual({ fleet: true })
    await master.kill()
    await replica.call('REPLICAOF', 'NO', 'ONE')
    if (front) front.target = replica.port
    front?.cut()
    // The replica has the old value, and its log lacks the change.
    await eventually(async () => (await b.cache.getFresh('key', () => 'new')) === 'new')
    await eventually(async () => (await late.cache.getFresh('key', () => 'new')) === 'new')
    const second = b.get('in flight')
    const other = await fleet.fetch(2)
    fetch.answer({ value: 'first' })
    expect(await first).toBe('first')
    other.answer({ value: 'second' })
    expect(await second).toBe('second')
    expect(await late.get('in flight')).toBe('second')
    expect(fleet.fetches).toHaveLength(2)
  })

  it('30: that half of the processes miss: nothing of theirs survives what was invalidated on the other side', async () => {
    const pair = await startReplicated(fleets, 2)
    const { master, replica, link, fronts } = pair
    const [losing, winning] = fronts
    const fleet = await fleets.fleet({ store: STORE }, master)
    const [a, b, c] = await insidesOf(fleet, [losing?.port, winning?.port, winning?.port])
    for (const key of ['one', 'two']) {
      await a.cache.get(key, () => 'old')
      await eventually(async () => (await b.cache.get(key, () => 'old')) === 'old' && b.cache.peek(key) !== undefined)
    }
    await replicated(pair)
    // The network splits: the replica is promoted on its side, the master goes on on the other.
    link.hold('down')
    link.hold('up')
    await replica.call('REPLICAOF', 'NO', 'ONE')
    if (winning) winning.target = replica.port
    winning?.cut()
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
    if (losing) losing.target = replica.port
    losing?.cut()
    await a.events.until('resync flushed', 1)
    for (const key of ['one', 'two', 'three']) {
      await eventually(async () => (await a.cache.get(key, () => 'new')) === 'new')
      for (const { cache } of [b, c]) expect(await cache.getFresh(key, () => 'new')).toBe('new')
    }
  })

  it('29: by a Sentinel costs no caller an error, and is followed', async () => {
    const pair = await startReplicated(fleets, 0)
    const { master, replica } = pair
    const port = await freePort()
    const file = join(tmpdir(), `stampede-sentinel-${port}.conf`)
    // The replica is known by the port that it announces, the master by its own.
    await replica.call('REPLICAOF', '127.0.0.1', master.port)
    const lines = [
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 5000',
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    const sentinel = fleets.opened(await RedisServer.sentinel(port, file))
    await eventually(
      async () => String(await sentinel.call('SENTINEL', 'REPLICAS', 'main')).includes(String(replica.port)),
      30_000,
    )
    const clients = [1, 2].map(() => new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: 'main' }))
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
    for (const cache of caches) await cache.close()
    for (const client of clients) client.disconnect()
  })
})

describe('a cluster', () => {
  it('29: whose replica takes over under load costs nobody an error', async () => {
    const cluster = await fleets.startCluster({ replicas: 1 })
    const fleet = await fleets.fleet({ store: { timeout: 1_000, heartbeat: 300 } }, cluster)
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

  it('31: whose slots move under load costs nobody an error', async () => {
    const cluster = await fleets.startCluster()
    const fleet = await fleets.fleet({ store: { timeout: 1_000 } }, cluster)
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

async function insidesOf(
  fleet: Fleet,
  ports: readonly (number | undefined)[],
): Promise<readonly [Inside, Inside, Inside]> {
  const joined = await Promise.all(ports.map(port => fleet.join(port === undefined ? {} : { port })))
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

/** From the master that has it to another one, as `redis-cli --cluster reshard` does. */
async function moveSlot(cluster: RedisCluster, key: string): Promise<void> {
  const slot = Number(await cluster.masters[0]?.call('CLUSTER', 'KEYSLOT', key))
  const ids = await Promise.all(cluster.masters.map(async master => String(await master.call('CLUSTER', 'MYID'))))
  const from = await ownerOf(cluster, slot, ids)
  const to = (from + 1) % cluster.masters.length
  const [source, target] = [cluster.masters[from], cluster.masters[to]]
  await target?.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[from] ?? '')
  await source?.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[to] ?? '')
  for (;;) {
    const keys = await source?.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)
    if (!Array.isArray(keys) || keys.length === 0) break
    await source?.call('MIGRATE', '127.0.0.1', target?.port ?? 0, '', 0, 5_000, 'KEYS', ...keys.map(String))
  }
  for (const master of cluster.masters) await master.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[to] ?? '')
}

async function ownerOf(cluster: RedisCluster, slot: number, ids: readonly string[]): Promise<number> {
  const nodes = String(await cluster.masters[0]?.call('CLUSTER', 'NODES')).split('\n')
  const owner = nodes.find(line =>
    line
      .split(' ')
      .slice(8)
      .some(range => holds(range, slot)),
  )
  return ids.findIndex(id => owner?.startsWith(id))
}

function holds(range: string, slot: number): boolean {
  const [from = Number.NaN, to = from] = range.split('-').map(Number)
  return from <= slot && slot <= to
}
