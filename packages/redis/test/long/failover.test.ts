import { describe, expect, it } from 'vitest'
import { eventually } from '../../../conformance/src/real-time.ts'
import type { RedisServer } from '../../../conformance/src/redis/server.ts'
import { TcpProxy } from '../../../conformance/src/tcp-proxy.ts'
import { useFleets } from '../fleet/use-fleets.ts'

const { fleet: startFleet, start } = useFleets()

const LIMIT = 250

describe('a failover', () => {
  it('29: to a replica that has neither the lease nor the invalidation: both are made good', async () => {
    const master = await start()
    const link = await TcpProxy.to(master.port)
    const replica = await start({ config: { replicaof: `127.0.0.1 ${link.port}`, 'repl-diskless-sync-delay': '0' } })
    const front = await TcpProxy.to(master.port)
    const fleet = await startFleet({ store: { timeout: LIMIT, heartbeat: 300, lease: 60_000 } }, master)
    const [a, b] = await fleet.joinAll(2, { port: front.port })
    await a?.cache.set('key', 'old')
    await eventually(async () => (await b?.get('key')) === 'old' && b?.cache.peek('key') !== undefined)
    const offset = async (server: RedisServer): Promise<string | undefined> =>
      /master_repl_offset:(\d+)/.exec(String(await server.call('INFO', 'replication')))?.[1]
    await eventually(async () => {
      const info = String(await replica.call('INFO', 'replication'))
      return info.includes('master_link_status:up') && (await offset(replica)) === (await offset(master))
    })
    link.hold('down')
    const first = a?.get('in flight')
    const fetch = await fleet.fetch(1)
    expect(await a?.cache.delete('key')).toEqual({ fleet: true })
    await master.kill()
    await replica.call('REPLICAOF', 'NO', 'ONE')
    front.target = replica.port
    front.cut()
    // The replica has the old value, and its log lacks the change.
    await eventually(async () => (await b?.cache.getFresh('key', () => 'new')) === 'new')
    const late = await fleet.join({ port: front.port })
    await eventually(async () => (await late.cache.getFresh('key', () => 'new')) === 'new')
    const second = b?.get('in flight')
    const other = await fleet.fetch(2)
    fetch.answer({ value: 'first' })
    expect(await first).toBe('first')
    other.answer({ value: 'second' })
    expect(await second).toBe('second')
    expect(await late.get('in flight')).toBe('second')
    expect(fleet.fetches).toHaveLength(2)
    await Promise.all([link.close(), front.close()])
  })
})
