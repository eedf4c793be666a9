import { describe, expect, it } from 'vitest'
import { Gate } from '../gate.ts'
import { type OriginAnswer, ThrownAnswer } from '../mount.ts'
import type { SetUp } from '../suite.ts'
import type { FetchOptions } from '../client.ts'
import type { Scene, Stage } from '../stage.ts'

const TTL = 5_000
/** As little as their rows in the table of what may be shared differ by. */
const BY_TTL = [200, 201, 202, 203, 299, 300, 301, 308]
const BY_ITSELF = [302, 303, 307]
/** They speak of the resource, or of an origin in trouble. */
const AT_ONCE = [404, 405, 410, 414, 501, 502, 503, 504]
/** The handler may have failed of one request alone: another one tries first. */
const DOUBTFUL = [500, 506, 599]
/** They speak of what one request asked for, or how. */
const OF_ONE_REQUEST = [400, 402, 403, 406, 409, 412, 413, 415, 418, 422, 451, 505, 510]
const NOBODY = [206, 304, 305, 399, 401, 407, 408, 425, 428, 429, 431, 511]

const isBodiless = (status: number): boolean => status === 304

/** Two ways to say the same: an answer, and an error that the framework makes one of. */
const WAYS: Readonly<
  Record<string, (answer: Required<Pick<OriginAnswer, 'status' | 'headers'>>, run: number) => OriginAnswer>
> = {
  answered: (answer, run) => ({ ...answer, ...(!isBodiless(answer.status) && { body: `run ${run}` }) }),
  thrown: ({ status, headers }, run) => {
    throw new ThrownAnswer(status, `run ${run}`, headers)
  },
}

/** Answers with the status that the path names. */
const named = (options: Scene['options'], cacheControl?: string, way = 'answered'): Scene => ({
  ...(options && { options }),
  answer: ({ target }, run) => {
    const headers = { 'x-run': String(run), ...(cacheControl && { 'cache-control': cacheControl }) }
    return WAYS[way]?.({ status: Number(target.slice(1)), headers }, run) ?? {}
  },
})

const runOf = async ({ fetch }: Stage, status: number, asked?: FetchOptions): Promise<string> => {
  const reply = await fetch(`/${status}`, asked)
  expect(reply.status).toBe(status)
  return String(reply.headers['x-run'])
}

export function statusCases(setUp: SetUp): void {
  /** The run that each of three concurrent requests gets, and that of the next one. */
  const runs = async (status: number, scene: Scene): Promise<readonly string[]> => {
    const stage = await setUp(scene)
    const waiting = await stage.burst(3, `/${status}`)
    stage.gate.open()
    const all = (await Promise.all(waiting)).map(reply => [reply.status, reply.headers['x-run']])
    expect(all.map(([of]) => of)).toEqual([status, status, status])
    return [...all.map(([, run]) => String(run)).toSorted(), await runOf(stage, status)]
  }
  const STORED = ['1', '1', '1', '1']
  const SHARED = ['1', '1', '1', '2']
  /** What the second one got is for the rest. */
  const SECOND = ['1', '2', '2', '3']
  const SECOND_STORED = ['1', '2', '2', '2']
  const OWN = ['1', '2', '3', '4']

  it.each(BY_TTL)('%i is shared, and stored for the ttl', async status => {
    expect(await runs(status, named({ ttl: TTL }))).toEqual(STORED)
    expect(await runs(status, named({ errorTtl: TTL }))).toEqual(SHARED)
  })

  it.each(BY_ITSELF)('%i is shared, and stored only where it says so itself (RFC 9110 s15.4)', async status => {
    expect(await runs(status, named({ ttl: TTL, errorTtl: TTL, staleWhileRevalidate: TTL }))).toEqual(SHARED)
    expect(await runs(status, named({}, 'max-age=60'))).toEqual(STORED)
  })

  describe.each(Object.keys(WAYS))('%s:', way => {
    it.each(AT_ONCE)('%i is shared, and stored for the errorTtl or where it says so itself', async status => {
      expect(await runs(status, named({ ttl: TTL }, undefined, way))).toEqual(SHARED)
      expect(await runs(status, named({ errorTtl: TTL }, undefined, way))).toEqual(STORED)
      expect(await runs(status, named({}, 'max-age=60', way))).toEqual(STORED)
    })

    // What Koa does not know of as a status it answers as 500.
    it.each(DOUBTFUL.filter(status => way === 'answered' || status !== 599))(
      '%i is shared once a second request has got it too',
      async status => {
        expect(await runs(status, named({ ttl: TTL }, undefined, way))).toEqual(SECOND)
        expect(await runs(status, named({ errorTtl: TTL }, undefined, way))).toEqual(SECOND_STORED)
        expect(await runs(status, named({}, 'max-age=60', way))).toEqual(STORED)
      },
    )

    it.each(OF_ONE_REQUEST)('%i is one request’s, unless it or a function says otherwise', async status => {
      expect(await runs(status, named({ ttl: TTL, errorTtl: TTL }, undefined, way))).toEqual(OWN)
      expect(await runs(status, named({ errorTtl: () => TTL }, undefined, way))).toEqual(STORED)
      expect(await runs(status, named({}, 'max-age=60', way))).toEqual(STORED)
    })

    it.each(NOBODY.filter(status => way === 'answered' || status >= 400))(
      '%i is one client’s, whatever it says',
      async status => {
        const scene = named({ ttl: TTL, errorTtl: () => TTL }, 'public, max-age=60', way)
        expect(await runs(status, scene)).toEqual(OWN)
      },
    )

    it('a failure is stored with its own headers, and shows that it is stored', async () => {
      const { clock, fetch, gate, runs: tally } = await setUp(named({ errorTtl: TTL }, undefined, way))
      gate.open()
      await fetch('/404')
      for (const ttl of [5, 4]) {
        const { status, headers, body } = await fetch('/404')
        expect([status, headers['x-run'], body, headers['cache-status']]).toEqual([
          404,
          '1',
          expect.stringContaining('run 1'),
          `stampede; hit; ttl=${ttl}`,
        ])
        clock.advance(1_000)
      }
      clock.advance(TTL)
      expect((await fetch('/404')).headers['x-run']).toBe('2')
      expect(tally.count('run')).toBe(2)
    })

    it.each([400, 401, 429, 500])('%i that one request earned is not what the others get', async status => {
      const {
        burst,
        events,
        fetch,
        gate,
        runs: tally,
      } = await setUp({
        options: { ttl: TTL },
        answer: (request, run) =>
          request.header('x-bad') === undefined ? { body: 'good' } : (WAYS[way]?.({ status, headers: {} }, run) ?? {}),
      })
      const bad = fetch('/', { headers: { 'x-bad': '1' } })
      await tally.until('run', 1)
      const good = Array.from({ length: 5 }, () => fetch('/'))
      await events.until('follow', 5)
      gate.open()
      expect((await bad).status).toBe(status)
      for (const reply of await Promise.all(good)) expect(reply).toMatchObject({ status: 200, body: 'good' })
      expect(tally.count('run')).toBe(2)
      expect((await Promise.all(await burst(1, '/'))).map(({ body }) => body)).toEqual(['good'])
      expect(tally.count('run')).toBe(2)
    })
  })

  it('one client’s failures have no later effect: later requests wait for one another', async () => {
    const held = new Gate()
    const {
      burst,
      fetch,
      gate,
      runs: tally,
    } = await setUp({
      answer: async request => {
        if (request.header('x-bad') !== undefined) return { status: 429, body: 'slow down' }
        await held.passed()
        return { body: 'good' }
      },
    })
    gate.open()
    for (let time = 0; time < 3; time += 1) expect((await fetch('/', { headers: { 'x-bad': '1' } })).status).toBe(429)
    const replies = await burst(5, '/')
    held.open()
    for (const { body } of await Promise.all(replies)) expect(body).toBe('good')
    expect(tally.count('run')).toBe(4)
  })

  it('a failure is fresh by the handler’s headers, not by headers that were set for all replies', async () => {
    const max = { 'cache-control': 'max-age=60', expires: new Date(Date.now() + 60_000).toUTCString() }
    const stage = await setUp({
      inFront: { before: () => max },
      answer: ({ target }, run) => ({
        status: Number(target.slice(1, 4)),
        headers: { 'x-run': String(run), ...(target.endsWith('own') && { 'cache-control': 'max-age=30' }) },
        body: 'x',
      }),
    })
    stage.gate.open()
    for (const [target, isKept] of [
      ['/400', false],
      ['/404', false],
      ['/503', false],
      ['/200', true],
      ['/400-own', true],
    ] as const) {
      const first = (await stage.fetch(target)).headers['x-run']
      expect([target, (await stage.fetch(target)).headers['x-run'] === first]).toEqual([target, isKept])
    }
  })

  it('a failure is private if any code says so', async () => {
    for (const before of [{ 'cache-control': 'no-store' }, { 'set-cookie': 'a=1' }]) {
      const {
        fetch,
        gate,
        runs: tally,
      } = await setUp({
        options: { errorTtl: TTL },
        inFront: { before: () => before },
        answer: () => ({ status: 404, body: 'x' }),
      })
      gate.open()
      await fetch('/')
      await fetch('/')
      expect(tally.count('run')).toBe(2)
    }
  })

  it('of failure, answered after its client went, is no answer for anybody else', async () => {
    const {
      connections,
      fetch,
      events,
      gate,
      runs: tally,
    } = await setUp({
      options: { errorTtl: TTL },
      answer: (_request, run) => (run === 1 ? { status: 503, body: 'client went' } : { body: `run ${run}` }),
    })
    const client = new AbortController()
    const leader = fetch('/', { signal: client.signal })
    await tally.until('run', 1)
    const followers = [fetch('/'), fetch('/')]
    await events.until('follow', 2)
    client.abort()
    await expect(leader).rejects.toThrow('abort')
    await connections.until('closed', 1)
    gate.open()
    for (const reply of await Promise.all(followers)) expect(reply).toMatchObject({ status: 200, body: 'run 2' })
  })
}
