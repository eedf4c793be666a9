import { describe, expect, it } from 'vitest'
import { elapse, eventually } from '../../../conformance/src/real-time.ts'
import type { RedisServer } from '../../../conformance/src/redis/server.ts'
import { useFleets } from '../fleet/use-fleets.ts'

const { fleet: startFleet, start } = useFleets()

/** Short enough to see it end, long enough for a busy machine to renew it. */
const LEASE = 600

describe('a leader', () => {
  it.each([0.1, 1.5, 3])('9: that is killed after %d leases: another one takes over', async leases => {
    const fleet = await startFleet({ store: { lease: LEASE } })
    const [leader, ...others] = await fleet.addAll(3)
    const lost = leader?.get('key').catch(() => 'gone')
    await fleet.fetch(1)
    const gets = others.map(worker => worker.get('key', { callers: 20 }))
    await fleet.waiting(2)
    await elapse(leases * LEASE)
    expect(fleet.fetches).toHaveLength(1)
    await leader?.kill()
    const second = await fleet.fetch(2)
    second.answer({ value: 'made' })
    for (const got of await Promise.all(gets)) expect(got).toMatchObject({ values: ['made'], errors: [], count: 20 })
    expect(await lost).toBe('gone')
    expect(fleet.fetches).toHaveLength(2)
  })

  it('10: that stands still for longer than its lease, and goes on: what another one stored stays', async () => {
    const fleet = await startFleet({ store: { lease: LEASE } })
    const [leader, other] = await fleet.addAll(2)
    const late = leader?.get('key')
    const first = await fleet.fetch(1)
    leader?.stop()
    const got = other?.get('key')
    const second = await fleet.fetch(2)
    second.answer({ value: 'new' })
    expect(await got).toMatchObject({ values: ['new'] })
    first.answer({ value: 'late' })
    leader?.resume()
    expect(await late).toMatchObject({ values: ['late'], errors: [] })
    await leader?.events.until('fence', 1)
    expect((await leader?.get('key'))?.values).toEqual(['new'])
    expect(await (await fleet.join()).get('key')).toBe('new')
    expect(fleet.fetches).toHaveLength(2)
  })

  it('11: that is killed when its commit was executed and not answered yet: the others have it', async () => {
    const server = await start()
    const fleet = await startFleet({}, server)
    const proxy = await fleet.proxy()
    const leader = await fleet.add({ port: proxy.port })
    const other = await fleet.join()
    const leading = leader.get('key').catch(() => 'gone')
    const fetch = await fleet.fetch(1)
    const waiting = other.get('key')
    await fleet.waiting(1)
    proxy.hold('down')
    fetch.answer({ value: 'made' })
    expect(await waiting).toBe('made')
    await leader.kill()
    await leading
    expect(await (await fleet.join()).get('key')).toBe('made')
    expect(fleet.fetches).toHaveLength(1)
  })

  it.each(['ioredis', 'iovalkey'] as const)('12: whose commands are sent again after a cut, by %s', async client => {
    const server = await start()
    const fleet = await startFleet({ client }, server)
    const proxy = await fleet.proxy()
    const leader = await fleet.join({ port: proxy.port })
    const other = await fleet.join()
    await leader.cache.set('connected', true)
    // The lease is given, and the reply that says so is lost.
    const [line] = proxy.links('commands')
    line?.down.dropIf(bytes => bytes.includes('LEASE'))
    const leading = leader.get('key')
    await eventually(() => line?.down.swallowed === 1)
    proxy.cut()
    const fetch = await fleet.fetch(1)
    const waiting = other.get('key')
    await fleet.waiting(1)
    // The commit is executed, its reply is not seen.
    proxy.hold('down', 'commands')
    fetch.answer({ value: 'made' })
    expect(await waiting).toBe('made')
    proxy.cut()
    proxy.release()
    expect(await leading).toBe('made')
    await eventually(() => leader.cache.peek('key')?.value === 'made')
    expect(leader.log).not.toContain('fence')
    expect(fleet.fetches).toHaveLength(1)
  })

  it('13: whose fetch takes many leases keeps the key', async () => {
    const fleet = await startFleet({ store: { lease: 400 } })
    const [leader, other] = await fleet.joinAll(2)
    const gets = [leader?.get('key')]
    const fetch = await fleet.fetch(1)
    gets.push(other?.get('key'))
    await elapse(5 * 400 + 200)
    expect(fleet.fetches).toHaveLength(1)
    fetch.answer({ value: 'made' })
    expect(await Promise.all(gets)).toEqual(['made', 'made'])
    expect(fleet.fetches).toHaveLength(1)
    expect(leader?.log).not.toContain('fence')
  })

  it('13: whose fetch never ends loses the key at its timeout', async () => {
    const fleet = await startFleet({ cache: { ttl: 60_000, timeout: 500 } })
    const [leader, other] = await fleet.joinAll(2)
    const leading = leader?.get('key').catch((error: unknown) => error)
    await fleet.fetch(1)
    const waiting = other?.get('key', { timeout: 20_000 })
    const second = await fleet.fetch(2)
    second.answer({ value: 'made' })
    expect(await waiting).toBe('made')
    expect(await leading).toMatchObject({ name: 'TimeoutError' })
  })

  it('14: whose event loop is blocked for longer than its lease: at most two fetches, and no breaker opens', async () => {
    const fleet = await startFleet({ store: { lease: LEASE, timeout: 100 } })
    const [leader, ...others] = await fleet.addAll(3)
    const leading = leader?.get('key', { fetch: 200 })
    await leader?.events.until('fetch key', 1)
    const blocked = leader?.run({ do: 'block', ms: 3 * LEASE })
    const gets = others.map(worker => worker.get('key', { fetch: 50 }))
    for (const got of await Promise.all(gets)) expect(got).toMatchObject({ errors: [], count: 1 })
    await blocked
    expect((await leading)?.errors).toEqual([])
    const counts = fleet.workers.map(({ events }) => events.count('fetch key'))
    expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(2)
    expect(leader?.events.count('breaker open')).toBe(0)
    const [one, two] = await Promise.all(others.map(worker => worker.get('key')))
    expect(one?.values).toEqual(two?.values)
  })

  it('15: that closes during its fetch: another one takes over at once, not when the lease ends', async () => {
    const fleet = await startFleet({ store: { lease: 60_000 } })
    const [leader, other] = await fleet.joinAll(2)
    const leading = leader?.get('key')
    const first = await fleet.fetch(1)
    const waiting = other?.get('key')
    await fleet.waiting(1)
    const start = performance.now()
    await leader?.cache.close()
    const second = await fleet.fetch(2)
    expect(performance.now() - start).toBeLessThan(5_000)
    second.answer({ value: 'new' })
    expect(await waiting).toBe('new')
    first.answer({ value: 'old' })
    expect(await leading).toBe('old')
    expect(await other?.get('key')).toBe('new')
  })

  it('16: whose request for the lease is executed when it has given up waiting gives the lease back', async () => {
    const server = await start()
    const fleet = await startFleet({ store: { lease: 60_000, timeout: 100 } }, server)
    const proxy = await fleet.proxy()
    const late = await fleet.join({ port: proxy.port })
    await late.cache.set('connected', true)
    proxy.delay('up', 1_000, 'commands')
    const alone = late.get('key')
    const first = await fleet.fetch(1)
    first.answer({ value: 'alone' })
    expect(await alone).toBe('alone')
    const other = await fleet.join({ store: { timeout: 5_000, lease: 60_000 } })
    await eventually(async () => (await keysLike(server, '*:l')) === 1)
    const since = performance.now()
    const got = other.get('key')
    const second = await fleet.fetch(2)
    second.answer({ value: 'shared' })
    expect(await got).toBe('shared')
    expect(performance.now() - since).toBeLessThan(10_000)
  })
})

async function keysLike(server: RedisServer, pattern: string): Promise<number> {
  const keys = await server.call('KEYS', pattern)
  return Array.isArray(keys) ? keys.length : 0
}
