import { describe, expect, it } from 'vitest'
import { useFleets } from '../fleet/use-fleets.ts'
import { elapse } from '../../../conformance/src/real-time.ts'

const { fleet: startFleet, start, startCluster } = useFleets()

describe('one fetch over all processes', () => {
  it.each(['ioredis', 'node-redis', 'iovalkey'] as const)('1: for 4 processes x 250 callers, with %s', async client => {
    const fleet = await startFleet({ client })
    const workers = await fleet.addAll(4)
    const gets = workers.map(worker => worker.get('key', { callers: 250 }))
    const fetch = await fleet.fetch(1)
    fetch.answer({ value: 'made' })
    for (const got of await Promise.all(gets)) expect(got).toMatchObject({ values: ['made'], errors: [], count: 250 })
    expect(fleet.fetches).toHaveLength(1)
  })

  it('1: for 16 processes that ask for 100 keys at once', async () => {
    const fleet = await startFleet()
    const insides = await fleet.joinAll(16)
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`)
    const gets = insides.flatMap(inside => keys.map(key => inside.get(key)))
    await fleet.began.until('fetch', 100)
    for (const fetch of fleet.fetches) fetch.answer({ value: fetch.key })
    expect(await Promise.all(gets)).toEqual(insides.flatMap(() => keys))
    expect(fleet.fetches).toHaveLength(100)
  })

  it.each(['ioredis', 'node-redis'] as const)('1: over a cluster, with %s', async client => {
    const fleet = await startFleet({ client }, await startCluster())
    const insides = await fleet.joinAll(3)
    const keys = Array.from({ length: 30 }, (_, index) => `key ${index}`)
    const gets = insides.flatMap(inside => keys.map(key => inside.get(key)))
    await fleet.began.until('fetch', 30)
    for (const fetch of fleet.fetches) fetch.answer({ value: fetch.key })
    expect(await Promise.all(gets)).toEqual(insides.flatMap(() => keys))
    expect(fleet.fetches).toHaveLength(30)
  })

  it('2: if the server refuses to publish, by polling', async () => {
    const server = await start()
    const fleet = await startFleet({ store: { syncInterval: 200 } }, server)
    await server.call('ACL', 'SETUSER', 'default', '-subscribe', '-ssubscribe', '-psubscribe')
    const insides = await fleet.joinAll(4)
    const gets = insides.map(inside => inside.get('key'))
    const fetch = await fleet.fetch(1)
    fetch.answer({ value: 'made' })
    expect(await Promise.all(gets)).toEqual(['made', 'made', 'made', 'made'])
    expect(fleet.fetches).toHaveLength(1)
  })

  it('3: a wake that overtakes the reply that says to wait is not lost', async () => {
    const server = await start()
    const fleet = await startFleet({ store: { pollInterval: 60_000, commandTimeout: 60_000 } }, server)
    const proxy = await fleet.proxy()
    const [a, b] = [await fleet.join(), await fleet.join({ port: proxy.port })]
    await b.cache.set('warm', 'up')
    const leading = a.get('key')
    const fetch = await fleet.fetch(1)
    proxy.delay('down', 700, 'commands')
    const waiting = b.get('key')
    await fleet.waiting(1)
    fetch.answer({ value: 'made' })
    expect(await leading).toBe('made')
    expect(await waiting).toBe('made')
    expect(fleet.fetches).toHaveLength(1)
  })

  it('4: while the connections that listen are cut again and again', async () => {
    const fleet = await startFleet()
    const proxy = await fleet.proxy()
    const insides = await fleet.joinAll(4, { port: proxy.port })
    const gets = insides.map(inside => inside.get('key'))
    const fetch = await fleet.fetch(1)
    for (let cuts = 0; cuts < 15; cuts += 1) {
      proxy.cut('subscribers')
      await elapse(20)
    }
    fetch.answer({ value: 'made' })
    proxy.cut('subscribers')
    expect(await Promise.all(gets)).toEqual(['made', 'made', 'made', 'made'])
    expect(fleet.fetches).toHaveLength(1)
  })

  it('5: whose error every caller of every process gets; the next call fetches again', async () => {
    const fleet = await startFleet()
    const workers = await fleet.addAll(3)
    const gets = workers.map(worker => worker.get('key', { callers: 50 }))
    const fetch = await fleet.fetch(1)
    await fleet.waiting(2)
    const error = { name: 'OriginError', message: 'the origin is down', code: 'E_DOWN' }
    fetch.answer({ error })
    for (const got of await Promise.all(gets)) expect(got).toMatchObject({ values: [], errors: [error], count: 50 })
    const again = workers[1]?.get('key')
    const second = await fleet.fetch(2)
    second.answer({ value: 'made' })
    expect(await again).toMatchObject({ values: ['made'], errors: [] })
    expect(fleet.fetches).toHaveLength(2)
  })
})

describe('what is not stored', () => {
  it.each([
    ['has no form in the store', { value: new Map([['a', 1]]) }],
    ['is larger than what may be stored', { value: 'x'.repeat(2_000) }],
  ])('6: what %s is fetched by each, in parallel and without waiting', async (_name, answer) => {
    const fleet = await startFleet({ store: { maxEntryBytes: 1_000 } })
    const insides = await fleet.joinAll(8)
    const gets = insides.map(inside => inside.get('key'))
    const first = await fleet.fetch(1)
    await fleet.waiting(7)
    first.answer(answer)
    // Seven fetches are in progress at once, none of them answered.
    await fleet.began.until('fetch', 8)
    for (const fetch of fleet.fetches) fetch.answer(answer)
    expect(await Promise.all(gets)).toEqual(Array.from({ length: 8 }, () => answer.value))
    // Who comes later does not wait for one of them either.
    const later = await fleet.joinAll(3)
    const more = later.map(inside => inside.get('key'))
    await fleet.began.until('fetch', 11)
    for (const fetch of fleet.fetches) fetch.answer(answer)
    expect(await Promise.all(more)).toEqual(later.map(() => answer.value))
  })

  it('7: with a ttl of 0 waiting callers share the fetch, and later ones fetch', async () => {
    const fleet = await startFleet({ cache: { ttl: 0 } })
    const insides = await fleet.joinAll(4)
    const gets = insides.map(inside => inside.get('key'))
    const fetch = await fleet.fetch(1)
    await fleet.waiting(3)
    fetch.answer({ value: 'once' })
    expect(await Promise.all(gets)).toEqual(['once', 'once', 'once', 'once'])
    expect(fleet.fetches).toHaveLength(1)
    for (const [index, inside] of insides.entries()) {
      const later = inside.get('key')
      const its = await fleet.fetch(index + 2)
      its.answer({ value: `later ${index}` })
      expect(await later).toBe(`later ${index}`)
    }
  })
})
