import { describe, expect, it, vi } from 'vitest'
import { passesFor } from '../src/calibrate.ts'
import type { Contender, Ready } from '../src/contender.ts'
import { type RunSettings, runSuite } from '../src/run-suite.ts'
import { costing, fakeClock, suiteOf } from './fakes.ts'

const clock = fakeClock()
const settings: RunSettings = { rounds: 5, seed: 1, target: 4_000, now: clock.now }
const floor = costing('floor', 10, clock)

function changed(name: string, change: (ready: Ready, load: (key: string) => Promise<number>) => Ready): Contender {
  return {
    name,
    prepare: async stock => change(await costing(name, 10, clock).prepare(stock), stock.load),
  }
}

/** Wrong from the given call on. */
function wrongFrom(first: number): Contender {
  let calls = 0
  return changed('liar', ({ ask }) => ({
    ask: key => {
      calls += 1
      return calls < first ? ask(key) : 99
    },
  }))
}

describe('a suite', () => {
  it('measures each contender in each round, relative to the floor', async () => {
    const { lines, control, order } = await runSuite(suiteOf(floor, [costing('slow', 30, clock)]), settings)
    expect(lines.map(({ name, role }) => [name, role])).toEqual([
      ['floor', 'floor'],
      ['floor, again', 'control'],
      ['slow', 'rival'],
    ])
    expect(lines.map(({ rounds }) => rounds)).toEqual([10, 10, 30].map(cost => Array.from({ length: 5 }, () => cost)))
    expect(lines.map(({ ratio }) => ratio?.median)).toEqual([undefined, 1, 3])
    expect(control).toEqual({ median: 1, q1: 1, q3: 1, min: 1, max: 1 })
    expect(order).toHaveLength(5)
    for (const round of order) expect(round.toSorted()).toEqual(['floor', 'floor, again', 'slow'])
  })

  it('paces each contender to the target, and the control as the floor', async () => {
    const { lines } = await runSuite(suiteOf(floor, [costing('slow', 100, clock)]), settings)
    expect(lines.map(({ operations }) => operations)).toEqual([400, 400, 40])
    expect([passesFor(100, 7), passesFor(100, 1_000), passesFor(100, 0)]).toEqual([14, 1, 10_000])
  })

  it('constructs the control separately', async () => {
    const prepare = vi.fn<Contender['prepare']>(floor.prepare)
    await runSuite(suiteOf({ name: 'floor', prepare }, []), settings)
    expect(prepare).toHaveBeenCalledTimes(2)
    expect(prepare.mock.calls[0]?.[0]).not.toBe(prepare.mock.calls[1]?.[0])
  })

  it('closes every contender, also where one does not get ready', async () => {
    const close = vi.fn<() => Promise<void>>(async () => {})
    const closing = changed('closing', ready => ({ ...ready, close }))
    await runSuite(suiteOf(closing, [floor]), settings)
    expect(close).toHaveBeenCalledTimes(2)
    const broken: Contender = { name: 'broken', prepare: () => Promise.reject(new Error('no memory')) }
    await expect(runSuite(suiteOf(closing, [broken]), settings)).rejects.toThrow('no memory')
    expect(close).toHaveBeenCalledTimes(4)
  })
})

describe('a contender that fails', () => {
  it('by a wrong value at the start is named with the key', async () => {
    const run = runSuite(suiteOf(floor, [wrongFrom(2)]), settings)
    await expect(run).rejects.toThrow('fake: liar gave 99 for "b", not 2.')
  })

  it('by a wrong value later is found by its checksum', async () => {
    const run = runSuite(suiteOf(floor, [wrongFrom(1_000)]), settings)
    await expect(run).rejects.toThrow(/fake: liar gave wrong values: checksum -?\d+, not -?\d+\./)
  })

  it('by the values of other keys is found as well', async () => {
    let calls = 0
    const swapping = changed('swapping', ({ ask }) => ({
      ask: key => {
        calls += 1
        const swapped = key === 'a' ? 'b' : 'a'
        return ask(calls === 4 || calls === 5 ? swapped : key)
      },
    }))
    await expect(runSuite(suiteOf(floor, [swapping]), settings)).rejects.toThrow('wrong values')
  })

  it('by having nothing is named', async () => {
    const empty = changed('empty', () => ({ ask: () => undefined }))
    await expect(runSuite(suiteOf(floor, [empty]), settings)).rejects.toThrow('fake: empty gave undefined for "a"')
  })

  it('by loading what it should hold is named', async () => {
    const missing = changed('missing', (_ready, load) => ({ ask: load }))
    await expect(runSuite(suiteOf(floor, [missing]), settings)).rejects.toThrow('missing was to hit, but loaded 4')
  })
})
