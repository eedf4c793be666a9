import { expect, it } from 'vitest'
import type { FakeStores, FleetStage } from '../fleet-stage.ts'
import type { Scene } from '../stage.ts'

type SetUpFake = (scene?: Scene) => Promise<FleetStage<FakeStores>>

/** What takes a store whose time and health are the case's to say. */
export function timedFleetCases(setUp: SetUpFake): void {
  it('replays in another process what the first one sent, but for what spoke to its client', async () => {
    const { servers, gate, clock } = await setUp({
      answer: () => ({
        status: 203,
        headers: { 'content-type': 'text/x-own', etag: '"v"', 'x-ratelimit-remaining': '3', 'x-own': 'yes' },
        body: Buffer.from([0, 255, 10, 13]),
      }),
    })
    gate.open()
    const [first, second] = servers
    const sent = await first.fetch('/')
    clock.advance(2_000)
    const replayed = await second.fetch('/')
    expect(replayed.bytes).toEqual(sent.bytes)
    const { 'x-ratelimit-remaining': _limit, 'cache-status': _status, ...kept } = sent.headers
    expect(replayed).toMatchObject({
      status: 203,
      headers: { ...kept, age: '2', 'cache-status': 'stampede; hit; ttl=3' },
    })
    expect(replayed.headers).not.toHaveProperty('x-ratelimit-remaining')
  })

  it('refreshes what is stale once, and gives it meanwhile', async () => {
    let release: () => void = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    const { servers, gate, clock, events, runs } = await setUp({
      options: { ttl: 1_000, staleWhileRevalidate: 10_000 },
      answer: async (_request, run) => {
        if (run > 1) await held
        return { body: `run ${run}` }
      },
    })
    gate.open()
    for (const { fetch } of servers) await fetch('/')
    clock.advance(1_500)
    const stored = events.count('store')
    const replies = await Promise.all(servers.flatMap(({ fetch }) => [fetch('/'), fetch('/')]))
    expect(new Set(replies.map(({ body }) => body))).toEqual(new Set(['run 1']))
    release()
    await events.until('store', stored + 3)
    expect(await Promise.all(servers.map(async ({ fetch }) => (await fetch('/')).body))).toEqual(
      Array.from({ length: 3 }, () => 'run 2'),
    )
    expect(runs.count('run')).toBe(2)
  })

  it('runs the handler anew for who comes before the store has said that it has what is not to be stored', async () => {
    const { servers, fleet, gate, runs } = await setUp({ options: { ttl: 0 } })
    gate.open()
    const [{ fetch }] = servers
    fleet.fake.hold('commit')
    expect((await fetch('/')).body).toBe('run 1')
    const later = fetch('/')
    expect((await fetch('/other')).body).toBe('run 2')
    fleet.fake.release('commit')
    expect((await later).body).toBe('run 3')
    expect(runs.count('run')).toBe(3)
  })

  it('goes on in each process by itself where the store does not answer', async () => {
    const { servers, fleet, gate, runs } = await setUp()
    fleet.fake.stop()
    gate.open()
    const replies = await Promise.all(servers.map(({ fetch }) => fetch('/')))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(runs.count('run')).toBe(3)
    expect(await servers[0].invalidate('/')).toEqual({ fleet: false })
  })
}
