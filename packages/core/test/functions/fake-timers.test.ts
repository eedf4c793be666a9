import { FakeFleet } from '../../../conformance/src/fake-fleet.ts'
import { Gate } from '../../../conformance/src/gate.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { resolveClock } from '../../src/base/clock.ts'
import { HttpStampede } from '../../src/http/index.ts'
import { Stampede, TimeoutError } from '../../src/index.ts'
import { answer, textOf, view } from '../support/views.ts'

type Fakes = Parameters<typeof vi.useFakeTimers>[0]

const HOUR = 3_600_000
const never = async (): Promise<string> => new Promise(() => {})

afterEach(() => vi.useRealTimers())

/** A fetch that gives the number of its runs. */
function counter(): () => Promise<string> {
  let runs = 0
  return async () => `run ${(runs += 1)}`
}

/** Hits, until the clock that is read once for many of them would be asked to wait for its tick. */
async function warmUp(): Promise<void> {
  const cache = new Stampede({ ttl: HOUR })
  for (let times = 0; times < 10; times += 1) await cache.get('k', counter())
}

const fakes: [string, Fakes][] = [
  ['all', undefined],
  ['timers and Date', { toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }],
  ['timers and performance', { toFake: ['setTimeout', 'clearTimeout', 'performance'] }],
  ['performance', { toFake: ['performance', 'Date'] }],
]

describe.each(fakes)('under fakes of %s', (_, config) => {
  // Again and again: what one test leaves behind must not show in the next one.
  it.each([1, 2, 3])('values expire, in test %i of a process', async () => {
    await warmUp()
    vi.useFakeTimers(config)
    const cache = new Stampede({ ttl: 100, staleWhileRevalidate: 0 })
    const fetch = counter()
    expect([await cache.get('k', fetch), await cache.get('k', fetch)]).toEqual(['run 1', 'run 1'])
    vi.advanceTimersByTime(99)
    expect(await cache.get('k', fetch)).toBe('run 1')
    vi.advanceTimersByTime(1)
    expect([await cache.get('k', fetch), await cache.get('k', fetch)]).toEqual(['run 2', 'run 2'])
  })
})

describe.each(fakes.slice(0, -1))('under fakes of %s', (_, config) => {
  it.each([1, 2])('a cache that was made before works under them and after, time %i', async () => {
    const cache = new Stampede({ ttl: 60_000 })
    const fetch = counter()
    await cache.get('k', fetch)
    vi.useFakeTimers(config)
    const under = await cache.get('k', fetch)
    vi.advanceTimersByTime(59_999)
    expect(await cache.get('k', fetch)).toBe(under)
    vi.advanceTimersByTime(60_000)
    const last = await cache.get('k', fetch)
    expect(last).not.toBe(under)
    vi.useRealTimers()
    const after = await cache.get('k', fetch)
    expect(await cache.get('k', fetch)).toBe(after)
  })
})

describe('under fake timers', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })

  it('a value that was stored at a later time of the clock is expired, whatever its ttl', async () => {
    const cache = new Stampede({ ttl: HOUR, staleIfError: HOUR, staleWhileRevalidate: HOUR })
    const year = new Stampede({ ttl: 365 * 24 * HOUR })
    const fetch = counter()
    vi.advanceTimersByTime(10 * HOUR)
    await cache.get('k', fetch)
    await year.get('k', fetch)
    vi.useRealTimers()
    vi.useFakeTimers()
    expect([cache.peek('k'), year.peek('k')]).toEqual([undefined, undefined])
    expect([await cache.get('k', fetch), await year.get('k', fetch)]).toEqual(['run 3', 'run 4'])
  })

  it('a back-off ends where the clock goes back', async () => {
    const cache = new Stampede({ ttl: 10, staleIfError: HOUR })
    vi.advanceTimersByTime(10 * HOUR)
    await cache.get('k', async () => 'old')
    vi.advanceTimersByTime(11)
    const fails = async (): Promise<string> => {
      throw new Error('down')
    }
    expect([await cache.get('k', fails), await cache.get('k', counter())]).toEqual(['old', 'old'])
    vi.useRealTimers()
    expect(await cache.get('k', counter())).toBe('run 1')
  })

  it('a fetch ends at its timeout, and its key is free', async () => {
    const cache = new Stampede({ timeout: 1_000 })
    const call = cache.get('k', never)
    vi.advanceTimersByTime(1_000)
    await expect(call).rejects.toThrow(TimeoutError)
    expect([cache.stats().flights, await cache.get('k', counter())]).toEqual([0, 'run 1'])
  })

  it('a fetch whose timer was cleared ends at its timeout, where somebody joins it', async () => {
    const cache = new Stampede({ timeout: 1_000 })
    const calls = [cache.get('k', never)]
    vi.clearAllTimers()
    vi.advanceTimersByTime(400)
    calls.push(cache.get('k', never), cache.get('k', never, { ttl: 10 }))
    const rejections = calls.map(async call => expect(call).rejects.toThrow(TimeoutError))
    vi.advanceTimersByTime(599)
    expect(cache.stats().flights).toBe(1)
    vi.advanceTimersByTime(1)
    await Promise.all(rejections)
    expect(cache.stats()).toMatchObject({ fetches: 1, flights: 0 })
  })

  it('a fetch whose timer was cleared ends once its cache is used after its time', async () => {
    const cache = new Stampede({ timeout: 1_000 })
    const call = cache.get('k', never)
    vi.clearAllTimers()
    vi.advanceTimersByTime(2_000)
    await cache.get('another', counter())
    vi.advanceTimersByTime(1)
    await expect(call).rejects.toThrow(TimeoutError)
  })

  it('a fetch whose fakes were uninstalled ends in real time', async () => {
    const cache = new Stampede({ timeout: 20 })
    const calls = [cache.get('k', never)]
    vi.useRealTimers()
    calls.push(cache.get('another', never))
    await Promise.all(calls.map(async call => expect(call).rejects.toThrow(TimeoutError)))
  })

  it('running all timers comes to an end, and a cache leaves none once it is closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const cache = new Stampede({ ttl: HOUR })
    await cache.get('k', counter())
    expect(vi.getTimerCount()).toBe(1)
    vi.runAllTimers()
    expect(vi.getTimerCount()).toBe(0)
    await cache.get('another', counter())
    await cache.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('the wall clock may be set to any time', async () => {
    const cache = new Stampede({ ttl: 60_000 })
    await cache.get('k', counter())
    for (const year of [1970, 2100]) {
      vi.setSystemTime(new Date(year, 0))
      expect(cache.peek('k')).toMatchObject({ state: 'fresh', age: 0 })
    }
  })

  it('the wall clock is the time where performance is left alone, and going back expires all', async () => {
    vi.useFakeTimers({ now: 1e12, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const cache = new Stampede({ ttl: 60_000 })
    const fetch = counter()
    await cache.get('k', fetch)
    vi.setSystemTime(1e12 + 59_999)
    expect(await cache.get('k', fetch)).toBe('run 1')
    vi.setSystemTime(1e12)
    expect(await cache.get('k', fetch)).toBe('run 2')
  })

  it('processes that share a store work', async () => {
    const fleet = new FakeFleet({ clock: resolveClock(undefined) })
    const [a, b] = [fleet.store(), fleet.store()].map(store => new Stampede({ ttl: 100, timeout: 1_000, store }))
    const fetch = counter()
    expect([await a?.get('k', fetch), await b?.get('k', fetch)]).toEqual(['run 1', 'run 1'])
    vi.advanceTimersByTime(100)
    expect([await b?.get('k', fetch), await a?.get('k', fetch)]).toEqual(['run 2', 'run 2'])
    await Promise.all([a?.close(), b?.close()])
  })
})

it('timers of the runtime are taken back from the runtime, not from fakes, and those of fakes from them', async () => {
  const [cache, gate] = [new Stampede({ ttl: 0 }), new Gate()]
  const slow = (): Promise<string> => gate.passed().then(() => 'value')
  const before = resolveClock(undefined)
  const timer = before.setTimeout(() => {}, 60_000)
  vi.useFakeTimers()
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue()
  before.clearTimeout(timer)
  const call = cache.get('k', slow)
  vi.useRealTimers()
  gate.open()
  await call
  expect([warn.mock.calls, emitWarning.mock.calls]).toEqual([[], []])
  vi.restoreAllMocks()
})

describe('HTTP under fake timers', () => {
  const run = async (http: HttpStampede, body: string): Promise<string> => {
    const given = await http.run(view(), () => answer(body))
    const { body: made } = given.kind === 'replayed' ? given.response : given.origin
    const text = await textOf(made !== null && typeof made === 'object' && 'chunks' in made ? null : made)
    return `${text} ${given.outcome.kind}`
  }

  it.each([1, 2, 3])('responses expire, and what came from the future is gone: test %i of a process', async () => {
    const kept = new HttpStampede({ ttl: HOUR, staleWhileRevalidate: HOUR, staleIfError: HOUR })
    await run(kept, 'real')
    vi.useFakeTimers()
    expect(await run(kept, 'fake')).toContain('fake')
    const http = new HttpStampede({ ttl: 100 })
    expect([await run(http, 'a'), await run(http, 'b')]).toEqual([expect.stringContaining('a'), 'a hit'])
    vi.advanceTimersByTime(100)
    expect(await run(http, 'c')).toContain('c')
  })

  it('a follower runs the handler itself at its deadline, also where the timers of the leader were lost', async () => {
    const http = new HttpStampede({ waitTimeout: 1_000 })
    vi.useFakeTimers()
    void http.run(view(), () => new Promise(() => {}))
    vi.clearAllTimers()
    const follower = run(http, 'own')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await follower).toContain('own')
  })
})

describe('a clock of one’s own that goes back', () => {
  it('expires stored values, frees keys in progress, and continues from there', async () => {
    let now = 5_000
    const cache = new Stampede({ ttl: 100, staleIfError: HOUR, clock: { now: () => now } })
    const fetch = counter()
    await cache.get('k', fetch)
    cache.get('slow', never, { timeout: 1_000 }).catch(() => {})
    now = 4_950
    expect([await cache.get('k', fetch), await cache.get('slow', fetch)]).toEqual(['run 2', 'run 3'])
    now = 5_049
    expect([cache.peek('k'), await cache.get('k', fetch)]).toMatchObject([{ age: 99, ttl: 1 }, 'run 2'])
    now = 5_050
    expect(await cache.get('k', fetch)).toBe('run 4')
  })
})
