import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FullClock } from '../../src/base/clock.ts'

interface Timer {
  readonly callback: () => void
  readonly ms: number
  isUnreferred: boolean
}

let now = 0
let reads = 0
let timers: Timer[] = []

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

beforeEach(() => {
  now = 1_000.75
  reads = 0
  timers = []
})

/** The clock of a runtime with timers that are objects, as in Node, or numbers, as on Cloudflare Workers. */
async function runtime(hasObjects: boolean): Promise<FullClock> {
  vi.resetModules()
  vi.stubGlobal('performance', {
    now: () => {
      reads += 1
      return now
    },
  })
  vi.stubGlobal('setTimeout', (callback: () => void, ms: number) => {
    const timer: Timer = { callback, ms, isUnreferred: false }
    timers.push(timer)
    return hasObjects ? Object.assign(timer, { unref: () => (timer.isUnreferred = true) }) : timers.length
  })
  vi.stubGlobal('clearTimeout', (cleared: unknown) => {
    timers = timers.filter((timer, place) => timer !== cleared && place + 1 !== cleared)
  })
  const { resolveClock } = await import('../../src/base/clock.ts')
  return resolveClock(undefined)
}

/** The event loop turns. */
function turn(): void {
  for (const { callback } of timers.splice(0)) callback()
}

describe('the runtime’s clock', () => {
  it('returns whole milliseconds, and is read at each call', async () => {
    const clock = await runtime(true)
    expect(clock.now()).toBe(1_000)
    now += 0.25
    expect([clock.now(), reads]).toEqual([1_001, 2])
  })

  it('is read once for all that ask within a millisecond, with one timer that keeps no process alive', async () => {
    const clock = await runtime(true)
    const told = Array.from({ length: 200 }, () => clock.coarse())
    expect([new Set(told), reads]).toEqual([new Set([1_000]), 1])
    expect(timers).toMatchObject([{ ms: 1, isUnreferred: true }])
    now = 1_002
    turn()
    expect([clock.coarse(), clock.coarse(), reads]).toEqual([1_002, 1_002, 2])
    expect(timers).toHaveLength(1)
    turn()
    expect(timers).toHaveLength(0)
  })

  it('is read again after 256 calls within one turn of the event loop, and sets no further timer', async () => {
    const clock = await runtime(true)
    clock.coarse()
    now = 2_000
    const told = Array.from({ length: 256 }, () => clock.coarse())
    expect([new Set(told), clock.coarse(), reads]).toEqual([new Set([1_000]), 2_000, 2])
    expect(timers).toHaveLength(1)
  })

  it('is read each time where no timer lasts, and sets none', async () => {
    const clock = await runtime(false)
    const told = [1_001, 1_002, 1_003].map(moment => {
      now = moment
      return clock.coarse()
    })
    expect([told, reads]).toEqual([[1_001, 1_002, 1_003], 3])
    expect(timers).toHaveLength(0)
  })

  it.each([true, false])('knows whether timers last: %s; it tries once, and leaves nothing behind', async lasts => {
    const clock = await runtime(lasts)
    expect([clock.hasLastingTimers, timers]).toEqual([lasts, []])
    vi.stubGlobal('clearTimeout', () => {
      throw new Error('tried again')
    })
    expect([clock.hasLastingTimers, clock.hasFakeTimers]).toEqual([lasts, false])
  })

  it('sets a lost tick again', async () => {
    const clock = await runtime(true)
    clock.coarse()
    timers = []
    now = 2_000
    for (let times = 0; times < 256; times += 1) clock.coarse()
    expect([clock.coarse(), timers.length]).toEqual([2_000, 1])
    now = 2_001
    turn()
    expect(clock.coarse()).toBe(2_001)
  })
})
