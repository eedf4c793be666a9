import { expect, it } from 'vitest'
import { DeadlineClock } from '../../src/deadline-clock.ts'
import { ManualTiming } from './manual-timing.ts'

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

it('hears what has arrived before it judges', () => {
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
