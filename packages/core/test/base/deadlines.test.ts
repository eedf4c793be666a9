import * as fc from 'fast-check'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { describe, expect, it } from 'vitest'
import { resolveClock } from '../../src/base/clock.ts'
import { Deadline, Deadlines } from '../../src/base/deadlines.ts'

class Due extends Deadline {
  readonly #expired: () => void

  constructor(expired: () => void) {
    super()
    this.#expired = expired
  }

  override expire(): void {
    this.#expired()
  }
}

/** A table of time limits, and when each that was started came to its end. */
function setUp(hasLastingTimers: boolean) {
  const clock = new TestClock()
  const begin = clock.now()
  const deadlines = new Deadlines({ ...resolveClock(clock), hasLastingTimers })
  const ended: [name: string, at: number][] = []
  const start = (name: string, limit: number): Due => {
    const due = new Due(() => void ended.push([name, clock.now() - begin]))
    deadlines.start(due, clock.now(), limit)
    return due
  }
  return { clock, deadlines, ended, start, begin }
}

describe.each([true, false])('deadlines (timers that last: %s)', hasLastingTimers => {
  it('come at their limit and not before', () => {
    const { clock, ended, start, begin } = setUp(hasLastingTimers)
    expect(start('a', 100).dueAt).toBe(begin + 100)
    clock.advance(99)
    expect(ended).toEqual([])
    clock.advance(1_000)
    expect(ended).toEqual([['a', 100]])
    expect(clock.pending).toBe(0)
  })

  it('come each in its time, whatever the limits', () => {
    const { clock, ended, start } = setUp(hasLastingTimers)
    start('slow', 300)
    start('a', 100)
    clock.advance(30)
    start('b', 100)
    clock.advance(30)
    start('c', 100)
    start('quick', 10)
    clock.advance(1_000)
    expect(ended).toEqual([
      ['quick', 70],
      ['a', 100],
      ['b', 130],
      ['c', 160],
      ['slow', 300],
    ])
  })

  it.each([
    [['a'], ['b', 'c']],
    [['b'], ['a', 'c']],
    [['c'], ['a', 'b']],
    [['a', 'b'], ['c']],
    [['c', 'b'], ['a']],
    [['b', 'a'], ['c']],
    [['a', 'b', 'c'], []],
  ])('do not come where they are stopped: %j', (stopped, expected) => {
    const { clock, deadlines, ended, start } = setUp(hasLastingTimers)
    const dues = new Map(['a', 'b', 'c'].map(name => [name, start(name, 100)]))
    for (const name of stopped) {
      const due = dues.get(name)
      if (due !== undefined) deadlines.stop(due)
    }
    start('d', 100)
    clock.advance(100)
    expect(ended.map(([name]) => name)).toEqual([...expected, 'd'])
  })

  it('may be stopped twice, and after they came', () => {
    const { clock, deadlines, ended, start } = setUp(hasLastingTimers)
    const [a] = [start('a', 100), start('b', 100)]
    deadlines.stop(a)
    deadlines.stop(a)
    clock.advance(100)
    deadlines.stop(a)
    start('c', 100)
    deadlines.stop(a)
    clock.advance(100)
    expect(ended.map(([name]) => name)).toEqual(['b', 'c'])
  })

  it('still come where the table is to be idle, and leave no timer behind', () => {
    const { clock, deadlines, ended, start } = setUp(hasLastingTimers)
    const stopped = start('a', 100)
    start('b', 50)
    deadlines.stopWhenIdle()
    deadlines.stop(stopped)
    expect(clock.pending).toBe(1)
    clock.advance(50)
    expect([ended, clock.pending]).toEqual([[['b', 50]], 0])
  })

  it('without a limit set no timer and never come', () => {
    const { clock, start } = setUp(hasLastingTimers)
    expect(start('a', Number.POSITIVE_INFINITY).dueAt).toBe(Number.POSITIVE_INFINITY)
    expect(clock.pending).toBe(0)
  })

  it('may start the next one from their end', () => {
    const { clock, deadlines, ended, begin } = setUp(hasLastingTimers)
    const again = new Due(() => {
      ended.push(['again', clock.now() - begin])
      if (ended.length < 3) deadlines.start(again, clock.now(), 100)
    })
    deadlines.start(again, clock.now(), 100)
    clock.advance(1_000)
    expect(ended.map(([, at]) => at)).toEqual([100, 200, 300])
  })

  it('come in their time though the end of one starts the next with the same limit', () => {
    const { clock, deadlines, ended, start, begin } = setUp(hasLastingTimers)
    const first = new Due(() => {
      ended.push(['first', clock.now() - begin])
      start('next', 100)
    })
    deadlines.start(first, clock.now(), 100)
    clock.advance(50)
    start('second', 100)
    clock.advance(1_000)
    expect(ended).toEqual([
      ['first', 100],
      ['second', 150],
      ['next', 200],
    ])
    expect(clock.pending).toBe(0)
  })

  it('come where they are due, whatever was stopped', () => {
    const step = fc.record({ pause: fc.nat({ max: 40 }), limit: fc.constantFrom(50, 70), stops: fc.option(fc.nat(9)) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), steps => {
        const { clock, deadlines, ended, start, begin } = setUp(hasLastingTimers)
        const open: { name: string; due: Due; at: number }[] = []
        for (const [id, { pause, limit, stops }] of steps.entries()) {
          clock.advance(pause)
          const due = start(`${id}`, limit)
          open.push({ name: `${id}`, due, at: clock.now() - begin + limit })
          const stopped = stops === null ? undefined : open[stops]
          if (stopped === undefined || stopped.at <= clock.now() - begin) continue
          deadlines.stop(stopped.due)
          open.splice(open.indexOf(stopped), 1)
        }
        clock.advance(1_000)
        expect(new Map(ended)).toEqual(new Map(open.map(({ name, at }) => [name, at])))
        expect(ended.length).toBe(open.length)
        expect(clock.pending).toBe(0)
      }),
    )
  })
})

describe('the timers', () => {
  it('are one for all with the same limit, and none of them is set again when one is stopped', () => {
    const { clock, deadlines, start } = setUp(true)
    const dues = ['a', 'b', 'c'].map(name => start(name, 100))
    expect(clock.pending).toBe(1)
    start('d', 200)
    expect(clock.pending).toBe(2)
    for (const due of dues) deadlines.stop(due)
    expect(clock.pending).toBe(2)
    start('e', 100)
    expect(clock.pending).toBe(2)
  })

  it('come to an end with the last that is due', () => {
    const { clock, deadlines, start } = setUp(true)
    deadlines.stop(start('a', 100))
    clock.advance(100)
    expect(clock.pending).toBe(0)
  })

  it('are one each where they end with what set them, and go when it does', () => {
    const { clock, deadlines, start } = setUp(false)
    const dues = ['a', 'b'].map(name => start(name, 100))
    expect(clock.pending).toBe(2)
    for (const due of dues) deadlines.stop(due)
    expect(clock.pending).toBe(0)
  })

  it('never set where a timer cannot hold the limit', () => {
    const { clock, start } = setUp(true)
    start('a', 2 ** 31)
    expect(clock.pending).toBe(0)
  })
})
