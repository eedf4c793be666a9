import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { FetchOptions } from '../client.ts'
import type { Scene, Stage } from '../stage.ts'

const TTL = 5_000
/** As little as their rows in the table of what may be shared differ by. */
const BY_TTL = [200, 201, 202, 203, 299, 300, 301, 308]
const BY_ITSELF = [302, 303, 307]
const BY_ERROR_TTL = [400, 402, 403, 404, 405, 410, 414, 418, 451, 500, 501, 502, 503, 504, 599]
const NOBODY = [206, 304, 305, 399, 401, 407, 408, 425, 429, 431]

const isBodiless = (status: number): boolean => status === 304

/** Answers with the status that the path names. */
const named = (options: Scene['options'], cacheControl?: string): Scene => ({
  ...(options && { options }),
  answer: ({ target }, run) => {
    const status = Number(target.slice(1))
    const headers = { 'x-run': String(run), ...(cacheControl && { 'cache-control': cacheControl }) }
    return { status, headers, ...(!isBodiless(status) && { body: `run ${run}` }) }
  },
})

const runOf = async ({ fetch }: Stage, status: number, asked?: FetchOptions): Promise<string> => {
  const reply = await fetch(`/${status}`, asked)
  expect(reply.status).toBe(status)
  return String(reply.headers['x-run'])
}

export function statusCases(setUp: SetUp): void {
  /** The run that each of three gets who ask at once, and the next one's. */
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
  const OWN = ['1', '2', '3', '4']

  it.each(BY_TTL)('%i is shared, and stored for the ttl', async status => {
    expect(await runs(status, named({ ttl: TTL }))).toEqual(STORED)
    expect(await runs(status, named({ errorTtl: TTL }))).toEqual(SHARED)
  })

  it.each(BY_ITSELF)('%i is shared, and stored only where it says so itself (RFC 9110 s15.4)', async status => {
    expect(await runs(status, named({ ttl: TTL, errorTtl: TTL, staleWhileRevalidate: TTL }))).toEqual(SHARED)
    expect(await runs(status, named({}, 'max-age=60'))).toEqual(STORED)
  })

  it.each(BY_ERROR_TTL)('%i is shared, and stored for the errorTtl or where it says so itself', async status => {
    expect(await runs(status, named({ ttl: TTL }))).toEqual(SHARED)
    expect(await runs(status, named({ errorTtl: TTL }))).toEqual(STORED)
    expect(await runs(status, named({}, 'max-age=60'))).toEqual(STORED)
  })

  it.each(NOBODY)('%i is one client’s, whatever it says', async status => {
    const scene = named({ ttl: TTL, errorTtl: TTL }, 'public, max-age=60')
    expect(await runs(status, scene)).toEqual(OWN)
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
