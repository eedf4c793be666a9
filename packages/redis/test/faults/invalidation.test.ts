import type { FetchContext } from '@stampede/core'
import { describe, expect, it } from 'vitest'
import { elapse, eventually } from '../../../conformance/src/real-time.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Inside } from '../fleet/inside.ts'
import { useFleets } from '../fleet/use-fleets.ts'

const { fleet: startFleet, start } = useFleets()

const FETCH = 300
const STEP = 10

describe('an invalidation during a fetch', () => {
  it.each(['the same', 'another'])('17: at every step of it, by %s process', async by => {
    const fleet = await startFleet()
    const [leader, other, reader] = await three(fleet)
    const invalidator = by === 'another' ? other : leader
    const steps = Array.from({ length: FETCH / STEP }, (_, index) => index * STEP)
    const stale = steps.map(async step => {
      const key = `key ${step}`
      const old = leader.cache.get(key, timed('old'))
      await elapse(step)
      expect(await invalidator.cache.delete(key)).toEqual({ fleet: true })
      const after = await Promise.all([invalidator, reader].map(({ cache }) => cache.get(key, timed('new'))))
      // The process with the old flight gets a message, which may take a moment.
      await knowsOf([leader, other, reader], invalidator, `marker ${step}`)
      after.push(...(await Promise.all([leader, other, reader].map(({ cache }) => cache.get(key, timed('new'))))))
      expect(await old).toBe('old')
      after.push(...(await Promise.all([leader, other, reader].map(({ cache }) => cache.get(key, timed('newer'))))))
      return after.filter(value => value === 'old').length
    })
    expect(await Promise.all(stale)).toEqual(steps.map(() => 0))
  })

  it.each(['the same', 'another'])(
    '22: of a tag that only the result tells, at every step, by %s process',
    async by => {
      const fleet = await startFleet()
      const [leader, other, reader] = await three(fleet)
      const invalidator = by === 'another' ? other : leader
      const steps = Array.from({ length: FETCH / STEP }, (_, index) => index * STEP)
      await Promise.all(
        steps.map(async step => {
          const [key, tag] = [`key ${step}`, `tag ${step}`]
          const old = leader.cache.get(key, timed('old', tag))
          await elapse(step)
          expect(await invalidator.cache.invalidateTags(tag)).toEqual({ fleet: true })
          expect(await old).toBe('old')
          // Once they have received it, none returns the old value: later messages come after it.
          await knowsOf([leader, other, reader], invalidator, `marker ${step}`)
          for (const { cache } of [leader, other, reader]) expect(await cache.get(key, timed('new', tag))).toBe('new')
        }),
      )
      const late = await fleet.join()
      for (const step of steps) expect(await late.cache.get(`key ${step}`, timed('new'))).toBe('new')
    },
  )

  it('22: by clear, and for a process that is started after it', async () => {
    const fleet = await startFleet()
    const [leader, other] = await three(fleet)
    const old = leader.get('key')
    const first = await fleet.fetch(1)
    expect(await other.cache.clear()).toEqual({ fleet: true })
    first.answer({ value: 'old', tags: ['red'] })
    expect(await old).toBe('old')
    const late = await fleet.join()
    const anew = late.get('key')
    const second = await fleet.fetch(2)
    second.answer({ value: 'new' })
    expect(await anew).toBe('new')
    expect(await other.get('key')).toBe('new')
  })

  it('22: of a tag that the leader does not learn of', async () => {
    const fleet = await startFleet({ store: { syncInterval: 60_000 } })
    await fleet.warm()
    const proxy = await fleet.proxy()
    const [leader, other, reader] = [await fleet.join({ port: proxy.port }), await fleet.join(), await fleet.join()]
    await leader.cache.set('connected', true)
    proxy.hold('down', 'subscribers')
    expect(await other.cache.invalidateTags('red')).toEqual({ fleet: true })
    const old = leader.get('key')
    const first = await fleet.fetch(1)
    expect(await other.cache.invalidateTags('red')).toEqual({ fleet: true })
    first.answer({ value: 'old', tags: ['red'] })
    expect(await old).toBe('old')
    const anew = reader.get('key')
    const second = await fleet.fetch(2)
    second.answer({ value: 'new', tags: ['red'] })
    expect(await anew).toBe('new')
    proxy.release()
    await eventually(async () => (await leader.cache.get('key', () => 'newest', { tags: ['red'] })) !== 'old')
  })
})

describe('a process that learns of it', () => {
  it('18: while it reads the old value keeps nothing of that', async () => {
    const fleet = await startFleet()
    await fleet.warm()
    const proxy = await fleet.proxy()
    const [a, b] = [await fleet.join(), await fleet.join({ port: proxy.port })]
    await a.cache.set('key', 'old')
    await a.cache.set('marker', 'there')
    expect(await b.get('marker')).toBe('there')
    const [line] = proxy.links('commands')
    const before = line?.down.delivered ?? 0
    proxy.hold('down', 'commands')
    const reading = b.get('key')
    // The reply, with the old value, is on its way.
    await eventually(() => (line?.down.taken ?? 0) > before)
    await a.cache.delete('key')
    await a.cache.delete('marker')
    await eventually(() => b.cache.peek('marker') === undefined)
    proxy.release()
    const fetch = fleet.fetch(1).then(its => its.answer({ value: 'new' }))
    expect(['old', 'new']).toContain(await reading)
    expect(b.cache.peek('key')?.value).not.toBe('old')
    const after = await b.get('key')
    expect(after).toBe('new')
    await fetch
  })

  it('19: late, because its connection was cut, drops it then', async () => {
    const fleet = await startFleet({ store: { syncInterval: 500 } })
    const proxy = await fleet.proxy()
    const [a, b] = [await fleet.join(), await fleet.join({ port: proxy.port })]
    await a.cache.set('key', 'old')
    expect(await b.get('key')).toBe('old')
    proxy.isRefusing = true
    proxy.cut('subscribers')
    expect(await a.cache.delete('key')).toEqual({ fleet: true })
    proxy.isRefusing = false
    await eventually(() => b.cache.peek('key') === undefined)
    expect(b.events.count('breaker open')).toBe(0)
  })

  it.each([
    ['the next message', 60_000],
    ['the next reading', 300],
  ])('20: by %s, where a message was lost without a word', async (way, syncInterval) => {
    const fleet = await startFleet({ store: { syncInterval } })
    const proxy = await fleet.proxy()
    const [a, b] = [await fleet.join(), await fleet.join({ port: proxy.port })]
    await a.cache.set('key', 'old')
    expect(await b.get('key')).toBe('old')
    const [line] = proxy.links('subscribers')
    line?.down.dropIf(bytes => bytes.includes(':inv'))
    await a.cache.delete('key')
    await eventually(() => (line?.down.swallowed ?? 0) > 0)
    line?.down.dropIf(undefined)
    if (way === 'the next message') await a.cache.delete('another key')
    await eventually(() => b.cache.peek('key') === undefined)
    expect(b.cache.stats().entries).toBe(0)
  })

  it('21: of nothing, because it stood still while the log was trimmed, drops all', async () => {
    const server = await start()
    const fleet = await startFleet({}, server)
    const proxy = await fleet.proxy()
    const a = await fleet.join()
    const sleeper = await fleet.add({ port: proxy.port })
    await a.cache.set('key', 'old')
    expect((await sleeper.get('key')).values).toEqual(['old'])
    sleeper.stop()
    // A server buffers only so much for a client that does not read.
    proxy.cut('subscribers')
    for (let count = 0; count < 50; count += 1) await a.cache.delete(`key ${count}`)
    await a.cache.delete('key')
    await server.call('XTRIM', `${fleet.namespace}:1:{${fleet.namespace}}:log`, 'MAXLEN', 5)
    sleeper.resume()
    await sleeper.events.until('resync flushed', 1)
    expect((await sleeper.get('key', { fetch: 0 })).values).not.toContain('old')
  })

  it('23: never, because the changing process died half-way: it keeps the old value until its ttl ends, and no longer', async () => {
    const fleet = await startFleet({ cache: { ttl: 1_500 } })
    await fleet.warm()
    const proxy = await fleet.proxy()
    const dying = await fleet.add({ port: proxy.port })
    const [peer, other] = await fleet.joinAll(2)
    await dying.get('connected', { fetch: 0 })
    await peer?.cache.set('key', 'old')
    expect(await other?.get('key')).toBe('old')
    proxy.hold('down', 'commands')
    let isAcknowledged = false
    const changing = dying.run({ do: 'delete', key: 'key' }).then(
      () => {
        isAcknowledged = true
      },
      () => {},
    )
    const fresh = await fleet.join()
    const reading = (): Promise<unknown> => fresh.cache.getFresh('key', () => 'new', { ttl: 1 })
    await eventually(async () => (await reading()) === 'new')
    await dying.kill()
    await changing
    expect(isAcknowledged).toBe(false)
    await eventually(async () => (await other?.cache.get('key', () => 'new')) === 'new')
  })
})

it('26: a server that returns with data from before many changes gets them again from their authors', async () => {
  const server = await start()
  const fleet = await startFleet({ store: { syncInterval: 200 } }, server)
  const { cache } = await fleet.join()
  const keys = Array.from({ length: 1_500 }, (_, index) => `key ${index}`)
  await Promise.all(keys.map(key => cache.set(key, 'old', { tags: [`tag ${key}`] })))
  await server.call('SAVE')
  const isDeleted = (_: string, index: number): boolean => index % 2 === 0
  const changes = keys.map((key, index) =>
    isDeleted(key, index) ? cache.delete(key) : cache.invalidateTags(`tag ${key}`),
  )
  expect(new Set((await Promise.all(changes)).map(({ fleet: isTold }) => isTold))).toEqual(new Set([true]))
  await server.kill()
  await server.start()
  const late = await fleet.join()
  const stale = async (): Promise<number> => {
    const values = await Promise.all(keys.map(key => late.cache.get(key, () => 'new', { ttl: 0 })))
    return values.filter(value => value === 'old').length
  }
  await eventually(async () => (await stale()) === 0)
})

describe('a change while the server is away', () => {
  it.each([
    ['empty', {}],
    ['with what it had', { appendonly: 'yes', appendfsync: 'always' }],
  ])('24: is told as soon as it is back, %s', async (_name, config) => {
    const server = await start({ config })
    const fleet = await startFleet({ store: { commandTimeout: 200 } }, server)
    const [a, b] = await three(fleet)
    await a.cache.set('key', 'old')
    await a.cache.set('tagged', 'old', { tags: ['red'] })
    expect(await b.get('key')).toBe('old')
    expect(await b.get('tagged')).toBe('old')
    await server.kill()
    const since = performance.now()
    expect(await a.cache.delete('key')).toEqual({ fleet: false })
    expect(await a.cache.invalidateTags('red')).toEqual({ fleet: false })
    expect(performance.now() - since).toBeLessThan(5_000)
    expect(a.cache.peek('key')).toBeUndefined()
    await server.start()
    await eventually(() => b.cache.peek('key') === undefined && b.cache.peek('tagged') === undefined)
    expect(await b.cache.get('key', () => 'new')).toBe('new')
    expect(await b.cache.get('tagged', () => 'new')).toBe('new')
    await eventually(async () => (await a.cache.get('key', () => 'newer')) !== 'old')
  })

  it('24: clears everything where it was too much to remember', async () => {
    const server = await start({ config: { appendonly: 'yes', appendfsync: 'always' } })
    const fleet = await startFleet({ store: { commandTimeout: 200 } }, server)
    const [a, b] = await three(fleet)
    await a.cache.set('key 29999', 'old')
    expect(await b.get('key 29999')).toBe('old')
    await server.kill()
    const changes = Array.from({ length: 30_000 }, (_, index) => a.cache.delete(`key ${index}`))
    expect(new Set((await Promise.all(changes)).map(({ fleet: isTold }) => isTold))).toEqual(new Set([false]))
    await server.start()
    await eventually(() => b.cache.peek('key 29999') === undefined)
    expect(await b.cache.get('key 29999', () => 'new')).toBe('new')
  })
})

async function three(fleet: Fleet): Promise<readonly [Inside, Inside, Inside]> {
  return Promise.all([fleet.join(), fleet.join(), fleet.join()])
}

function timed(value: string, tag?: string) {
  return async (context: FetchContext<unknown>): Promise<string> => {
    if (tag !== undefined) context.tags = [tag]
    await elapse(value === 'old' ? FETCH : 0)
    return value
  }
}

/** All have this in memory, it is changed, and they have received the change. */
async function knowsOf(insides: readonly Inside[], by: Inside, marker: string): Promise<void> {
  await by.cache.set(marker, 'there')
  for (const { cache } of insides) await cache.get(marker, () => 'there')
  await by.cache.delete(marker)
  await eventually(() => insides.every(({ cache }) => cache.peek(marker) === undefined))
}
