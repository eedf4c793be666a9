import { TestClock } from '../../../conformance/src/test-clock.ts'
import { describe, expect, it } from 'vitest'
import { resolveClock } from '../../src/base/clock.ts'
import { Sweeper } from '../../src/store/sweeper.ts'

/** A store of so many entries, the first of which will be gone then; and the moments at which it was swept. */
function setUp(size = 1, next = Number.POSITIVE_INFINITY) {
  const clock = new TestClock()
  const begin = clock.now()
  const sweeps: number[] = []
  const store = {
    size,
    next,
    sweep(now: number): number {
      sweeps.push(now - begin)
      return begin + store.next
    },
  }
  const sweeper = new Sweeper(resolveClock(clock), store)
  const expectGone = (at: number): void => sweeper.expect(clock.now(), begin + at)
  return { clock, sweeps, store, sweeper, expectGone }
}

const never = Number.POSITIVE_INFINITY

describe('a sweep', () => {
  it.each([
    { size: 1, goneAt: 0, at: 1_000 },
    { size: 1, goneAt: 1_000, at: 1_000 },
    { size: 1, goneAt: 1_001, at: 1_001 },
    { size: 1, goneAt: 60_000, at: 60_000 },
    { size: 1, goneAt: 1e9, at: 60_000 },
    { size: 100_000, goneAt: 500, at: 1_000 },
    { size: 200_000, goneAt: 500, at: 2_000 },
    { size: 200_000, goneAt: 2_001, at: 2_001 },
    { size: 10_000_000, goneAt: 1e9, at: 100_000 },
  ])('of $size entries, one gone at $goneAt, comes at $at', ({ size, goneAt, at }) => {
    const { clock, sweeps, expectGone } = setUp(size)
    expectGone(goneAt)
    clock.advance(at - 1)
    expect(sweeps).toEqual([])
    clock.advance(200_000)
    expect(sweeps).toEqual([at])
    expect(clock.pending).toBe(0)
  })

  it('is not set for entries that never expire', () => {
    const { clock, expectGone } = setUp()
    expectGone(never)
    expect(clock.pending).toBe(0)
  })

  it('is set once at a time', () => {
    const { clock, sweeps, expectGone } = setUp()
    for (const at of [5_000, 2_000, 9_000]) expectGone(at)
    expect(clock.pending).toBe(1)
    clock.advance(20_000)
    expect(sweeps).toEqual([5_000])
  })

  it.each([
    { left: 1, next: 7_000, sweeps: [2_000, 7_000] },
    { left: 1, next: 2_100, sweeps: [2_000, 3_000] },
    { left: 1, next: never, sweeps: [2_000] },
    { left: 0, next: 7_000, sweeps: [2_000] },
  ])('that leaves $left entries, the next gone at $next, is followed as it should be: $sweeps', each => {
    const { clock, sweeps, store, expectGone } = setUp(1, each.next)
    expectGone(2_000)
    clock.advance(1_999)
    store.size = each.left
    clock.advance(1)
    store.next = never
    clock.advance(50_000)
    expect(sweeps).toEqual(each.sweeps)
  })

  it('is set again once its timer is overdue: it may have died with what set it', () => {
    const clock = new TestClock()
    let timers = 0
    const timerless = { now: () => clock.now(), setTimeout: () => (timers += 1), clearTimeout: () => {} }
    const sweeper = new Sweeper(resolveClock(timerless), { size: 1, sweep: () => never })
    const expectGone = (): void => sweeper.expect(clock.now(), clock.now())
    expectGone()
    clock.advance(999)
    expectGone()
    expect(timers).toBe(1)
    clock.advance(1)
    expectGone()
    expect(timers).toBe(2)
  })

  it('does not come once it is stopped, until the next is set', () => {
    const { clock, sweeps, sweeper, expectGone } = setUp()
    sweeper.stop()
    expectGone(2_000)
    sweeper.stop()
    expect(clock.pending).toBe(0)
    expectGone(2_000)
    clock.advance(2_000)
    expect(sweeps).toEqual([2_000])
  })
})
