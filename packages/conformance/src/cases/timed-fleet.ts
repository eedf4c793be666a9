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

  it('refreshes a stale response once, and serves it in the meantime', async () => {
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

  it('serves the stale response while refreshes find nothing, until a request in front finds nothing either', async () => {
    let missing: 'to refreshes' | 'to nobody' | 'to all' = 'to nobody'
    const { servers, gate, clock, events } = await setUp({
      options: { ttl: 1_000, staleWhileRevalidate: 60_000, credentials: 'share' },
      answer: (request, run) => {
        const isRefresh = request.header('cookie') === undefined
        const isFound = missing === 'to nobody' || (missing === 'to refreshes' && !isRefresh)
        return isFound ? { body: `run ${run}` } : { status: 404, body: 'not found' }
      },
    })
    const ask = async (): Promise<readonly string[]> => {
      const bodies: string[] = []
      for (const { fetch } of servers) bodies.push((await fetch('/', { headers: { cookie: 'a=b' } })).body)
      return bodies
    }
    gate.open()
    const before = await ask()
    expect(new Set(before)).toEqual(new Set(['run 1']))
    for (const [index, where] of (['to refreshes', 'to all'] as const).entries()) {
      const stale = await ask()
      missing = where
      clock.advance(1_500)
      expect(await ask()).toEqual(stale)
      await events.until('backoff', 3 * (index + 1))
      const [body, ...others] = await ask()
      expect(body).toMatch(where === 'to all' ? 'not found' : /^run/)
      expect(body).not.toBe(stale[0])
      expect(new Set(others)).toEqual(new Set([body]))
    }
    expect(new Set(await ask())).toEqual(new Set(['not found']))
  })

  it('runs the handler again for a request that arrives before the store has acknowledged an unstored answer', async () => {
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
