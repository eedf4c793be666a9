import { describe, expect, it } from 'vitest'
import { growthLine } from '../src/growth.ts'
import { type SuiteResult, suiteResult } from '../src/results.ts'
import { runSuite } from '../src/run-suite.ts'
import { table } from '../src/table.ts'
import { verdict } from '../src/target.ts'
import { costing, fakeClock, suiteOf } from './fakes.ts'

describe('a target', () => {
  it.each([
    [0.7, { atMost: 0.7 }, '<= 0.7 met'],
    [0.71, { atMost: 0.7 }, '<= 0.7 missed'],
    [8, { atLeast: 8 }, '>= 8 met'],
    [-8.1, { atLeast: -8 }, '>= -8 missed'],
    [1.99, { below: 2 }, '< 2 met'],
    [2, { below: 2 }, '< 2 missed'],
    [Number.NaN, { atMost: 1 }, '<= 1 missed'],
    [Number.NaN, { atLeast: 1 }, '>= 1 missed'],
  ])('for %d with %j reads %s', (figure, wanted, text) => {
    expect(verdict(figure, wanted)).toBe(text)
  })

  it('of a suite is shown for its contender alone, and fails nothing', async () => {
    const clock = fakeClock()
    const suite = suiteOf(costing('floor', 10, clock), [costing('slow', 30, clock), costing('other', 20, clock)])
    const settings = { rounds: 3, seed: 1, target: 4_000, now: clock.now }
    const result = await runSuite({ ...suite, targets: [{ contender: 'slow', atMost: 2.5 }] }, settings)
    expect(result.lines.map(({ name, target }) => [name, target])).toEqual([
      ['floor', undefined],
      ['floor, again', undefined],
      ['slow', 2.5],
      ['other', undefined],
    ])
    expect(table(result).match(/<= 2.5 missed/g)).toHaveLength(1)
  })
})

describe('the growth from one suite to another', () => {
  const growth = { contender: 'peer', from: 'small', to: 'large', atMost: 1.3 }
  const shared = { version: undefined, allowance: undefined, target: undefined, operations: 8 }
  const resultOf = (name: string, floor: number, peer: number): SuiteResult =>
    suiteResult({
      name,
      about: '',
      order: [],
      measured: [
        { ...shared, name: 'floor', role: 'floor', rounds: [floor] },
        { ...shared, name: 'floor, again', role: 'control', rounds: [floor] },
        { ...shared, name: 'peer', role: 'rival', rounds: [peer] },
      ],
    })

  it('is relative to the growth of the floor', () => {
    const line = growthLine(growth, [resultOf('small', 10, 20), resultOf('large', 30, 90)])
    expect(line).toBe(
      "Growth from small to large: the floor 3.00, peer 4.50; over the floor's 1.50 (control 1.00), target <= 1.3 missed.",
    )
    expect(growthLine(growth, [resultOf('small', 10, 20), resultOf('large', 30, 75)])).toContain('<= 1.3 met')
  })

  it('has nothing to say unless both have run', () => {
    expect(growthLine(growth, [resultOf('small', 10, 20)])).toBeUndefined()
    expect(growthLine(growth, [])).toBeUndefined()
  })
})
