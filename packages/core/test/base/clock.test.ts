import { Gate } from '../../../conformance/src/gate.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { after, resolveClock } from '../../src/base/clock.ts'
import { Stampede } from '../../src/index.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('a call after a while', () => {
  it('comes then, once, unless it was taken back', () => {
    const clock = new TestClock()
    const calls: string[] = []
    after(clock, 10, () => calls.push('kept'))
    const takeBack = after(clock, 10, () => calls.push('taken back'))
    takeBack()
    clock.advance(9)
    expect(calls).toEqual([])
    clock.advance(1)
    clock.advance(100)
    expect(calls).toEqual(['kept'])
    expect(clock.pending).toBe(0)
  })

  it.each([
    [2 ** 31 - 1, 1],
    [2 ** 31, 0],
    [Number.POSITIVE_INFINITY, 0],
  ])('of %d ms sets %i timers: what is longer than runtimes can hold never comes', (ms, pending) => {
    const clock = new TestClock()
    const takeBack = after(clock, ms, () => {})
    expect(clock.pending).toBe(pending)
    takeBack()
    expect(clock.pending).toBe(0)
  })
})

describe('the clock to use', () => {
  it('is the one that was given, timers and all', () => {
    const given = new TestClock()
    const clock = resolveClock(given)
    expect(clock.now()).toBe(given.now())
    let calls = 0
    clock.clearTimeout(clock.setTimeout(() => (calls += 1), 5))
    clock.setTimeout(() => (calls += 1), 5)
    expect(given.pending).toBe(1)
    given.advance(5)
    expect(calls).toBe(1)
  })

  it('has the runtime’s timers where the one that was given has none', async () => {
    const clock = resolveClock({ now: () => 5 })
    const came = new Gate()
    const calls: string[] = []
    clock.clearTimeout(clock.setTimeout(() => calls.push('taken back'), 0))
    clock.setTimeout(() => came.open(), 0)
    await came.passed()
    expect(clock.now()).toBe(5)
    expect(calls).toEqual([])
  })

  it('has the runtime’s timers where the one that was given could not take them back', () => {
    const calls: string[] = []
    const clock = resolveClock({ now: () => 5, setTimeout: () => calls.push('own') })
    clock.clearTimeout(clock.setTimeout(() => {}, 0))
    expect(calls).toEqual([])
  })

  it.each([[5], [undefined], [null], [{}], [{ unref: true }]])('works where the timers of a runtime are %j', timer => {
    const cleared: unknown[] = []
    vi.stubGlobal('setTimeout', () => timer)
    vi.stubGlobal('clearTimeout', (taken: unknown) => cleared.push(taken))
    const clock = resolveClock(undefined)
    clock.clearTimeout(clock.setTimeout(() => {}, 5))
    expect(cleared).toEqual([timer])
  })

  it('is by default the runtime’s, which never goes back and keeps no process alive', () => {
    const clock = resolveClock(undefined)
    // It counts from where fake timers of other files have left it.
    const start = performance.now()
    const [first, second] = [clock.now(), clock.now()]
    expect(second).toBeGreaterThanOrEqual(first)
    expect(second - first).toBeLessThanOrEqual(performance.now() - start + 1)
    const open = process.getActiveResourcesInfo().length
    const timer = clock.setTimeout(() => {}, 60_000)
    expect(process.getActiveResourcesInfo()).toHaveLength(open)
    clock.clearTimeout(timer)
  })
})

it('a wall clock that jumps changes nothing', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const cache = new Stampede({ ttl: 60_000 })
  await cache.get('k', () => 'value')
  for (const year of [1970, 2100]) {
    vi.setSystemTime(new Date(year, 0))
    expect(cache.peek('k')).toMatchObject({ value: 'value', state: 'fresh' })
    expect(await cache.get('k', () => 'another')).toBe('value')
  }
})
