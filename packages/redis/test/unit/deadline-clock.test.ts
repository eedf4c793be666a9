import { Gate } from '@stampede/conformance'
import { afterEach, expect, it, vi } from 'vitest'
import { DeadlineClock } from '../../src/base/deadline-clock.ts'
import { runtimeTiming } from '../../src/base/timing.ts'
import { ManualTiming } from './manual-timing.ts'

afterEach(() => vi.useRealTimers())

function begun(limit = 100) {
  const timing = new ManualTiming()
  const clock = new DeadlineClock(timing, limit)
  const expired: string[] = []
  return { timing, clock, expired, start: (name: string) => clock.start(() => void expired.push(name)) }
}

it('ends what takes longer than the limit, and nothing before', () => {
  const { timing, expired, start } = begun()
  start('first')
  timing.advance(50)
  start('second')
  timing.advance(49)
  expect(expired).toEqual([])
  timing.advance(31)
  expect(expired).toEqual(['first'])
  timing.advance(50)
  expect(expired).toEqual(['first', 'second'])
})

it('ends nothing that was stopped, and leaves no timer when nothing runs', () => {
  const { timing, clock, expired, start } = begun()
  const stop = start('stopped')
  timing.advance(30)
  stop()
  timing.advance(500)
  expect([expired, clock.running, timing.pending]).toEqual([[], 0, 0])
})

it('does not count a stall of this process', () => {
  const { timing, expired, start } = begun()
  start('in the stall')
  timing.stall(5_000)
  timing.stall(5_000)
  expect(expired).toEqual([])
  timing.advance(120)
  expect(expired).toEqual(['in the stall'])
})

it('reads arrived replies before it judges', () => {
  const { timing, expired, start } = begun(10)
  const stop = start('answered')
  timing.advance(19)
  timing.stall(20, stop)
  timing.advance(100)
  expect(expired).toEqual([])
})

it('ends all that runs when it is stopped', () => {
  const { timing, clock, expired, start } = begun()
  start('first')
  start('second')
  clock.stop()
  expect([expired, clock.running, timing.pending]).toEqual([['first', 'second'], 0, 0])
})

it('goes on though its ticker was lost, or the clock went back', () => {
  for (const back of [0, 500]) {
    const { timing, expired, start } = begun()
    start('first')
    timing.lose(back)
    timing.stall(back === 0 ? 1_001 : 0)
    start('second')
    timing.advance(140)
    expect([expired, timing.pending]).toEqual([['first', 'second'], 0])
  }
})

it('runs in real time under fake timers, as the server does', async () => {
  vi.useFakeTimers()
  const before = runtimeTiming.now()
  vi.advanceTimersByTime(3_600_000)
  expect(runtimeTiming.now() - before).toBeLessThan(3_600_000)
  const [came, ended] = [new Gate(), new Gate()]
  runtimeTiming.afterPoll(() => came.open())
  const clock = new DeadlineClock(runtimeTiming, 5)
  clock.start(() => ended.open())
  await Promise.all([came.passed(), ended.passed()])
  clock.stop()
  expect(vi.getTimerCount()).toBe(0)
})
