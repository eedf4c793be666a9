import { describe, expect, it } from 'vitest'
import { TestClock } from '../src/index.ts'

describe('the clock of the tests', () => {
  it('stands still until it is told to go on', () => {
    const clock = new TestClock()
    const start = clock.now()
    expect(clock.now()).toBe(start)
    clock.advance(5)
    expect(clock.now()).toBe(start + 5)
  })

  it('lets what is due come in order, each at its own time, also what is set on the way', () => {
    const clock = new TestClock()
    const start = clock.now()
    const seen: [string, number][] = []
    const at = (name: string): void => void seen.push([name, clock.now() - start])
    clock.setTimeout(() => at('late'), 30)
    clock.setTimeout(() => {
      at('early')
      clock.setTimeout(() => at('on the way'), 10)
    }, 10)
    clock.setTimeout(() => at('not yet'), 31)
    clock.advance(30)
    expect(seen).toEqual([
      ['early', 10],
      ['on the way', 20],
      ['late', 30],
    ])
    expect(clock.pending).toBe(1)
  })

  it('takes a timer back', () => {
    const clock = new TestClock()
    const timer = clock.setTimeout(() => expect.unreachable(), 1)
    clock.clearTimeout(timer)
    clock.advance(1)
    expect(clock.pending).toBe(0)
  })
})
