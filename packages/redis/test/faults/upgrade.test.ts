import { describe, expect, it } from 'vitest'
import { eventually } from '../../../conformance/src/real-time.ts'
import { RedisLine } from '../../../conformance/src/redis/resp.ts'
import type { RedisServer } from '../../../conformance/src/redis/server.ts'
import { Redis } from 'ioredis'
import type { Fleet } from '../fleet/fleet.ts'
import { drawsFrom } from '../fleet/load.ts'
import { useFleets } from '../fleet/use-fleets.ts'

const { fleet: startFleet, start } = useFleets()

const KEY = 'key'

/** What another release, a bug or a stranger may leave in the place of a record. */
const damages: readonly (readonly [string, (record: Buffer) => Buffer])[] = [
  ['a later format', changed(2, 2)],
  ['another signature', changed(0, 0)],
  ['a codec that is not known', changed(39, 250)],
  ['flags that are not known', changed(3, 0x80)],
  ['nothing', () => Buffer.alloc(0)],
  ['half a header', record => record.subarray(0, 20)],
  ['a header alone', record => record.subarray(0, 64)],
  ['all but the last byte', record => record.subarray(0, -1)],
  ['a length of what else there is to say that is too large', record => changed(4, 0xff)(record)],
  ['text', () => Buffer.from('a text of a stranger, as long as a header would be, and a bit longer than that')],
  ['zeros', record => Buffer.alloc(record.length)],
]

describe('a record that is not to be understood', () => {
  it.each(damages)('36: %s is a miss, and is replaced', async (_name, damage) => {
    const { fleet, put, record } = await damaged(start, startFleet)
    const [a, b] = await fleet.joinAll(2)
    await put(damage(await record()))
    expect(await a?.cache.get(KEY, () => 'new')).toBe('new')
    await eventually(async () => (await record()).includes('new'))
    expect(await b?.cache.get(KEY, () => 'newer')).toBe('new')
    expect(a?.events.count('error')).toBe(0)
  })

  it('36: with any flipped bit causes no error, and mixes up no records', async () => {
    const { fleet, put, record } = await damaged(start, startFleet)
    const original = await record()
    const [a, b] = await fleet.joinAll(2, { cache: { ttl: 1 } })
    for (let bit = 0; bit < original.length * 8; bit += 7) {
      const turned = Buffer.from(original)
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await put(turned)
      const values = await Promise.all([a, b].map(async inside => inside?.cache.getFresh(KEY, () => 'new')))
      for (const value of values) expect(typeof value).toBe('string')
    }
    for (const inside of [a, b]) expect(inside?.log.filter(line => line.startsWith('breaker'))).toEqual([])
  })

  it('36: random bytes in all places cause no error', async () => {
    const { fleet, server, put } = await damaged(start, startFleet)
    const draw = drawsFrom(Number(process.env['STAMPEDE_FUZZ_SEED'] ?? 20_261_127))
    const line = new Redis({ port: server.port, host: '127.0.0.1' })
    const inside = await fleet.join({ store: { syncInterval: 100 } })
    for (let round = 0; round < 100; round += 1) {
      const noise = Buffer.from(Array.from({ length: Math.floor(draw() * 200) }, () => Math.floor(draw() * 256)))
      await put(round % 2 === 0 ? noise : Buffer.concat([Buffer.from('ST\u0001'), noise]))
      await line.publish(`${fleet.namespace}:1:inv`, noise)
      await line.xadd(`${fleet.namespace}:1:{${fleet.namespace}}:log`, '*', 'o', noise)
      expect(await inside.cache.getFresh(`key ${round}`, () => 'new')).toBe('new')
      expect(await inside.cache.refresh(KEY, () => 'new')).toBe('new')
    }
    line.disconnect()
  })

  it('36: that of another schema is not read, and the two do not drive each other out', async () => {
    const fleet = await startFleet()
    const [old, young] = [
      await fleet.join({ store: { schemaVersion: '1' } }),
      await fleet.join({ store: { schemaVersion: '2' } }),
    ]
    let fetches = 0
    const fetch = (): string => {
      fetches += 1
      return `fetch ${fetches}`
    }
    for (let round = 0; round < 5; round += 1) {
      await old.cache.get(KEY, fetch)
      await young.cache.get(KEY, fetch)
    }
    expect(fetches).toBe(2)
  })
})

describe('values and keys', () => {
  it.each([
    ['no bytes', Buffer.alloc(0)],
    ['every byte value', Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
    ['nearly 1 MiB', Buffer.alloc(1_048_000, 7)],
  ])('38: %s come back as they were', async (_name, value) => {
    const fleet = await startFleet()
    const [a, b] = await fleet.joinAll(2)
    await a?.cache.set(KEY, value)
    const got = await b?.cache.get(KEY, () => 'fetched')
    expect(Buffer.isBuffer(got) && got.equals(value)).toBe(true)
  })

  const keys = ['', '{}', '{a}b', 'a\nb', '__proto__', 'ключ', '😀', 'k'.repeat(10_000), '\ud800']
  it.each(keys.map(key => [JSON.stringify(key).slice(0, 20), key] as const))(
    '38: the key %s is one like any other',
    async (_name, key) => {
      const fleet = await startFleet()
      const [a, b] = await fleet.joinAll(2)
      const gets = Promise.all([a, b].map(async inside => inside?.get(key)))
      const fetch = await fleet.fetch(1)
      fetch.answer({ value: { of: 'key' } })
      expect(await gets).toEqual([{ of: 'key' }, { of: 'key' }])
      expect(await a?.cache.delete(key)).toEqual({ fleet: true })
      await eventually(() => b?.cache.peek(key) === undefined)
      expect(fleet.fetches).toHaveLength(1)
    },
  )
})

interface Damaged {
  readonly fleet: Fleet
  readonly server: RedisServer
  readonly record: () => Promise<Buffer>
  readonly put: (bytes: Buffer) => Promise<void>
}

/** A record of an old value, and the hands to change it. */
async function damaged(
  startServer: () => Promise<RedisServer>,
  fleetOver: (asked: object, server: RedisServer) => Promise<Fleet>,
): Promise<Damaged> {
  const server = await startServer()
  const fleet = await fleetOver({}, server)
  const place = `${fleet.namespace}:1:{${fleet.namespace}/f/${KEY}}:v`
  const record = async (): Promise<Buffer> => Buffer.from(String(await server.call('GET', place)), 'latin1')
  const put = async (bytes: Buffer): Promise<void> => {
    const line = await RedisLine.to(server.port)
    await line.call('SET', place, bytes)
    line.close()
  }
  const first = await fleet.join()
  await first.cache.set(KEY, 'old')
  return { fleet, server, record, put }
}

function changed(at: number, value: number): (record: Buffer) => Buffer {
  return record => {
    const bytes = Buffer.from(record)
    bytes[at] = value
    return bytes
  }
}
