import { describe, expect, it } from 'vitest'
import { elapse, eventually } from '../../../conformance/src/real-time.ts'
import type { RedisServer } from '../../../conformance/src/redis/server.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Inside } from '../fleet/inside.ts'
import { useFleets } from '../fleet/use-fleets.ts'

const { fleet: startFleet, start } = useFleets()

/** Of one command: short, so that a case ends soon, and more than a busy machine takes for a reply. */
const LIMIT = 250
const FETCH = 20
/** What a busy machine may add to a call that waits for three commands in vain. */
const SLACK = 3_000

describe('a server that stands still', () => {
  it('25: under load costs no caller more than the limit of its commands, and is used again when it continues', async () => {
    const server = await start()
    const fleet = await startFleet({ store: { commandTimeout: LIMIT } }, server)
    const insides = await fleet.joinAll(3)
    await share(insides, 'before')
    const load = insides.map((inside, index) => loadFor(1_500, inside, index))
    await elapse(200)
    server.pause()
    await Promise.all(insides.map(({ events }) => events.until('breaker open', 1)))
    await elapse(700)
    server.resume()
    for (const { longest, errors } of await Promise.all(load)) {
      expect(errors).toEqual([])
      expect(longest).toBeLessThan(FETCH + LIMIT + SLACK)
    }
    await Promise.all(insides.map(({ events }) => events.until('breaker closed', 1)))
    await eventually(() => isShared(insides))
  })

  it('25: fails no call whose fetch may take less time than a command, for one key or several', async () => {
    const server = await start()
    const fleet = await startFleet({}, server)
    const { cache } = await fleet.join()
    await cache.set('stored', 'set')
    server.pause()
    const own = { timeout: LIMIT, errorTtl: 60_000 }
    const one = cache.get('key', () => 'made', own)
    const many = cache.getMany(['a', 'b'], keys => new Map(keys.map(key => [key, 'made'])), own)
    expect(await one).toBe('made')
    expect(await many).toEqual(new Map(['a', 'b'].map(key => [key, 'made'])))
    server.resume()
  })

  it('25: has its late commands done without harm', async () => {
    const server = await start()
    const fleet = await startFleet({ store: { commandTimeout: LIMIT } }, server)
    const [a, b] = await fleet.joinAll(2)
    await a?.cache.set('key', 'old')
    await eventually(async () => (await b?.get('key')) === 'old')
    server.pause()
    expect(await a?.cache.delete('key')).toEqual({ fleet: false })
    expect(await a?.cache.get('key', () => 'new')).toBe('new')
    server.resume()
    await eventually(() => b?.cache.peek('key')?.value !== 'old')
    await eventually(async () => (await b?.cache.get('key', () => 'new')) === 'new')
    expect(await a?.cache.getFresh('key', () => 'new')).toBe('new')
  })
})

/** What is done to a server, and what undoes it. */
const troubles: readonly (readonly [string, (server: RedisServer) => Promise<() => Promise<unknown>>])[] = [
  ['forgets its scripts', once(server => server.call('SCRIPT', 'FLUSH'))],
  ['forgets everything', once(server => server.call('FLUSHALL'))],
  [
    'is out of memory',
    async server => {
      await server.call('CONFIG', 'SET', 'maxmemory', '1mb')
      return () => server.call('CONFIG', 'SET', 'maxmemory', '0')
    },
  ],
  [
    'has become a replica that may not be written to',
    async server => {
      await server.call('REPLICAOF', '127.0.0.1', 1)
      return () => server.call('REPLICAOF', 'NO', 'ONE')
    },
  ],
  [
    'is busy with a script',
    async server => {
      await server.call('CONFIG', 'SET', 'busy-reply-threshold', 50)
      const busy = server.call('EVAL', 'while true do end', 0).catch(() => {})
      return async () => {
        await eventually(() => server.call('SCRIPT', 'KILL').then(Boolean, () => false))
        await busy
      }
    },
  ],
  [
    'refuses to publish',
    async server => {
      await server.call('ACL', 'SETUSER', 'default', '-publish')
      return () => server.call('ACL', 'SETUSER', 'default', '+publish')
    },
  ],
  [
    'is killed, and comes back empty',
    async server => {
      await server.kill()
      return () => server.start()
    },
  ],
]

describe('a server that', () => {
  it.each(troubles)('26: %s costs no caller an error, and is used again', async (_name, trouble) => {
    const server = await start()
    const fleet = await startFleet({ store: { commandTimeout: LIMIT, leaseTtl: 1_000, syncInterval: 300 } }, server)
    const insides = await fleet.joinAll(3)
    await share(insides, 'before')
    const end = await trouble(server)
    const keys = ['one', 'two', 'three']
    for (const key of keys) {
      const gets = await Promise.all(insides.map(({ cache }) => cache.get(key, () => elapse(FETCH).then(() => 'made'))))
      expect(gets).toEqual(['made', 'made', 'made'])
    }
    await insides[0]?.cache.delete('one')
    await end()
    await eventually(() => isShared(insides))
  })

  it('26: comes back with what it had, and loads it for a while', async () => {
    // A load so slow that its end differs from its beginning.
    const config = { appendonly: 'yes', appendfsync: 'always', 'aof-use-rdb-preamble': 'no' }
    const server = await start({ config })
    const fleet = await startFleet({ store: { commandTimeout: LIMIT } }, server)
    const insides = await fleet.joinAll(2)
    await insides[0]?.cache.set('key', 'stored')
    await server.call('EVAL', "for i = 1, 2000 do redis.call('SET', 'filler:' .. i, i) end", 0)
    await server.kill()
    const back = server.start({ 'key-load-delay': '500', 'loading-process-events-interval-bytes': '1024' })
    expect(await insides[1]?.cache.get('other', () => 'made')).toBe('made')
    await back
    await eventually(async () => (await (await fleet.join()).cache.get('key', () => 'again')) === 'stored')
    await eventually(() => isShared(insides))
  })

  it('26: has foreign values at our keys, which are replaced', async () => {
    const server = await start()
    const fleet = await startFleet({ store: { syncInterval: 200 } }, server)
    const [a, b] = await fleet.joinAll(2)
    const name = (key: string, kind: string): string => `${fleet.namespace}:1:{${fleet.namespace}/f/${key}}:${kind}`
    await server.call('RPUSH', name('record', 'v'), 'foreign')
    await server.call('SET', name('lease', 'l'), 'foreign')
    await server.call('SET', name('text', 'v'), 'foreign')
    for (const key of ['record', 'lease', 'text']) {
      expect(await a?.cache.get(key, () => 'made')).toBe('made')
      await eventually(async () => (await (await fleet.join()).cache.get(key, () => 'again')) === 'made')
      expect(await b?.cache.get(key, () => 'again')).toBe('made')
    }
    await server.call('DEL', `${fleet.namespace}:1:{${fleet.namespace}}:log`)
    await server.call('SET', `${fleet.namespace}:1:{${fleet.namespace}}:log`, 'foreign')
    expect(await a?.cache.delete('record')).toEqual({ fleet: true })
    await eventually(() => b?.cache.peek('record') === undefined)
  })
})

describe('a server that evicts', () => {
  it('27: a lease: another fetch, and the first one is fenced', async () => {
    const server = await start()
    const fleet = await startFleet({}, server)
    const [a, b] = await fleet.joinAll(2)
    const first = a?.get('key')
    const fetch = await fleet.fetch(1)
    await drop(server, fleet, '*:l')
    const second = b?.get('key')
    const other = await fleet.fetch(2)
    fetch.answer({ value: 'first' })
    expect(await first).toBe('first')
    await a?.events.until('fence', 1)
    other.answer({ value: 'second' })
    expect(await second).toBe('second')
    expect(await a?.get('key')).toBe('second')
    expect(fleet.fetches).toHaveLength(2)
  })

  it('27: a record: a miss', async () => {
    const server = await start()
    const fleet = await startFleet({}, server)
    const [a, b] = await fleet.joinAll(2)
    await a?.cache.set('key', 'old')
    await drop(server, fleet, '*:v')
    expect(await b?.cache.get('key', () => 'new')).toBe('new')
  })

  it('27: the log: all that is in memory goes', async () => {
    const server = await start()
    const fleet = await startFleet({ store: { syncInterval: 200 } }, server)
    const [a, b] = await fleet.joinAll(2)
    await a?.cache.set('key', 'old')
    await eventually(async () => (await b?.get('key')) === 'old' && b?.cache.peek('key') !== undefined)
    await drop(server, fleet, '*:log')
    await b?.events.until('resync flushed', 1)
    expect(b?.cache.peek('key')).toBeUndefined()
    expect(await b?.get('key')).toBe('old')
  })

  it('27: the mark of a tag: processes that are there, and those that read the log, know of it', async () => {
    const server = await start()
    const fleet = await startFleet({}, server)
    const [a, b] = await fleet.joinAll(2)
    await a?.cache.set('key', 'old', { tags: ['red'] })
    await b?.cache.invalidateTags('red')
    await drop(server, fleet, '*:t:*')
    const late = await fleet.join()
    for (const inside of [b, late])
      expect(await inside?.cache.getFresh('key', () => 'new', { tags: ['red'] })).toBe('new')
  })

  it('28: everything, under load: one fetch more for each key, and memory is dropped', async () => {
    const server = await start()
    const fleet = await startFleet({ store: { syncInterval: 200 } }, server)
    const insides = await fleet.joinAll(3)
    const fetches: string[] = []
    const get = ({ cache }: Inside, key: string): Promise<unknown> =>
      cache.get(key, async () => {
        fetches.push(key)
        await elapse(FETCH)
        return key
      })
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`)
    const all = (): Promise<unknown[]> => Promise.all(insides.flatMap(inside => keys.map(key => get(inside, key))))
    await all()
    expect(fetches).toHaveLength(keys.length)
    await server.call('FLUSHALL')
    await Promise.all(insides.map(({ events }) => events.until('resync flushed', 1)))
    await all()
    await all()
    expect(fetches.length).toBeLessThanOrEqual(2 * keys.length)
  })
})

function once(
  act: (server: RedisServer) => Promise<unknown>,
): (server: RedisServer) => Promise<() => Promise<unknown>> {
  return async server => {
    await act(server)
    return () => Promise.resolve()
  }
}

async function drop(server: RedisServer, fleet: Fleet, pattern: string): Promise<void> {
  const keys = await server.call('KEYS', `${fleet.namespace}${pattern}`)
  if (!Array.isArray(keys) || keys.length === 0) throw new Error(`nothing is called ${pattern}`)
  await server.call('DEL', ...keys.map(String))
}

/** All get what one of them fetched. */
async function share(insides: readonly Inside[], key: string): Promise<void> {
  const values = insides.map(({ cache }, index) => cache.get(key, () => elapse(FETCH).then(() => index)))
  expect(new Set(await Promise.all(values)).size).toBe(1)
}

let keys = 0

async function isShared(insides: readonly Inside[]): Promise<boolean> {
  keys += 1
  const values = insides.map(({ cache }, index) => cache.get(`shared ${keys}`, () => elapse(FETCH).then(() => index)))
  return new Set(await Promise.all(values)).size === 1
}

async function loadFor(ms: number, { cache }: Inside, seed: number) {
  const errors: unknown[] = []
  const end = performance.now() + ms
  let longest = 0
  for (let count = seed; performance.now() < end; count += 1) {
    const began = performance.now()
    await cache
      .get(`key ${count % 50}`, () => elapse(FETCH).then(() => count), { ttl: 100 })
      .catch((error: unknown) => errors.push(error))
    longest = Math.max(longest, performance.now() - began)
  }
  return { errors, longest }
}
