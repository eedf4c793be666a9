import { describe, expect, it } from 'vitest'
import { elapse, eventually } from '../../../conformance/src/real-time.ts'
import { needless, staleReads, together, unexcused } from '../fleet/checker.ts'
import { drawsFrom } from '../fleet/load.ts'
import type { LoadCommand } from '../fleet/protocol.ts'
import { useFleets } from '../fleet/use-fleets.ts'

const { fleet: startFleet, start } = useFleets()

/** How long a message may be on its way on a machine that is busy. */
const HOP = 1_600
const LOAD: LoadCommand = {
  do: 'load',
  ms: 30_000,
  keys: 30,
  fetchMs: 20,
  pauseMs: 5,
  callers: 8,
  changes: 0.01,
  seed: 1,
}

describe('under load', () => {
  it('8: for half a minute, with changes and no faults: no fetch without a reason, nothing old', async () => {
    const fleet = await startFleet()
    const workers = await fleet.addAll(4)
    const load = together(await Promise.all(workers.map((worker, seed) => worker.run({ ...LOAD, seed }))))
    expect(load.errors).toEqual([])
    expect(load.seen.length).toBeGreaterThan(1_000)
    expect(load.changed.length).toBeGreaterThan(20)
    expect(needless(load, HOP)).toEqual([])
    expect(unexcused(staleReads(load), [], HOP)).toEqual([])
    for (const { events } of workers) expect(events.count('breaker open')).toBe(0)
  })

  it('25: with a server that stalls for 3 s no caller waits longer than a few time limits of a command', async () => {
    const server = await start()
    const limit = 250
    const fleet = await startFleet({ store: { commandTimeout: limit } }, server)
    const workers = await fleet.addAll(4)
    const ms = 8_000
    const loads = workers.map((worker, seed) => worker.run({ ...LOAD, ms, changes: 0.002, seed }))
    await elapse(2_000)
    server.pause()
    await elapse(3_000)
    server.resume()
    const load = together(await Promise.all(loads))
    expect(load.errors).toEqual([])
    expect(Math.max(...load.seen.map(({ took }) => took))).toBeLessThan(20 + 3 * limit + 3_000)
    for (const { events } of workers) expect(events.count('breaker open')).toBeGreaterThan(0)
    await Promise.all(workers.map(({ events }) => events.until('breaker closed', 1)))
    const got = await Promise.all(workers.map(worker => worker.get('after', { fetch: 50 })))
    expect(new Set(got.flatMap(({ values }) => values)).size).toBe(1)
  })

  it('33: over a line that is slow at random and breaks now and then, the breaker does not flap', async () => {
    const fleet = await startFleet({ store: { commandTimeout: 500 } })
    const proxy = await fleet.proxy()
    const workers = await fleet.addAll(3, { port: proxy.port })
    const draw = drawsFrom(33)
    const ms = 20_000
    const loads = workers.map((worker, seed) => worker.run({ ...LOAD, ms, callers: 4, changes: 0.005, seed }))
    const end = performance.now() + ms
    let cuts = 0
    while (performance.now() < end) {
      for (const direction of ['up', 'down'] as const) proxy.delay(direction, () => 5 + 55 * draw())
      for (const link of proxy.links()) {
        if (draw() >= 0.01) continue
        link.cut()
        cuts += 1
      }
      await elapse(100)
    }
    const load = together(await Promise.all(loads))
    expect(load.errors).toEqual([])
    const opened = workers.reduce((sum, { events }) => sum + events.count('breaker open'), 0)
    // A connection that breaks is none for a moment: that may open it, and no more than that.
    expect(opened).toBeLessThanOrEqual(cuts)
    expect(unexcused(staleReads(load), [], 5_000)).toEqual([])
  })

  it('35: 50 processes that connect again at once probe at their own times, and fetch once', async () => {
    const server = await start()
    const fleet = await startFleet({ store: { commandTimeout: 1_000, syncInterval: 1_000 } }, server)
    const insides = await fleet.joinAll(50)
    await insides[0]?.cache.set('before', 'stored')
    await Promise.all(insides.map(({ cache }) => cache.get('before', () => 'again')))
    await server.kill()
    const alone = insides.map(({ cache }) => cache.get('during', () => elapse(20).then(() => 'made')))
    expect(new Set(await Promise.all(alone))).toEqual(new Set(['made']))
    await server.start()
    let tries = 0
    await eventually(async () => {
      tries += 1
      const made = insides.map(({ cache }, index) => cache.get(`try ${tries}`, () => elapse(20).then(() => index)))
      return new Set(await Promise.all(made)).size === 1
    })
    const keys = Array.from({ length: 5 }, (_, index) => `key ${index}`)
    let fetches = 0
    const fetch = async (): Promise<string> => {
      fetches += 1
      await elapse(50)
      return 'made'
    }
    await Promise.all(insides.flatMap(({ cache }) => keys.map(key => cache.get(key, fetch))))
    expect(fetches).toBe(keys.length)
  })

  it('22: a tag of 100 000 keys is invalidated in the time of one message', async () => {
    const server = await start()
    const fleet = await startFleet({ cache: { ttl: 600_000, maxEntries: 10 } }, server)
    const [a, b] = await fleet.joinAll(2)
    const batch = 1_000
    for (let from = 0; from < 100_000; from += batch) {
      const keys = Array.from({ length: batch }, (_, index) => `key ${from + index}`)
      await Promise.all(keys.map(async key => a?.cache.get(key, () => 1, { tags: ['red'] })))
    }
    await eventually(async () => Number(await server.call('DBSIZE')) >= 100_000)
    const alone = await timed(() => a?.cache.invalidateTags('none'))
    const took = await timed(() => a?.cache.invalidateTags('red'))
    // One write, however many have the tag: not a hundred thousand.
    expect(took).toBeLessThan(alone + 500)
    expect(await b?.cache.get('key 99999', () => 2)).toBe(2)
    expect(await a?.cache.get('key 0', () => 2)).toBe(2)
  })
})

async function timed(act: () => unknown): Promise<number> {
  const began = performance.now()
  await act()
  return performance.now() - began
}
