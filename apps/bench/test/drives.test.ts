import { describe, expect, it } from 'vitest'
import { bareMapOverLru, coalescers, loaders } from '../src/contenders/index.ts'
import type { Contender } from '../src/contender.ts'
import { bursts } from '../src/drives/bursts.ts'
import { freshKeys } from '../src/drives/fresh-keys.ts'
import { misses } from '../src/drives/misses.ts'
import { originOf, valuesOf } from '../src/origin.ts'
import { runSuite } from '../src/run-suite.ts'
import type { Suite } from '../src/suite.ts'
import { costing, fakeClock, suiteOf } from './fakes.ts'

const clock = fakeClock()
const settings = { rounds: 2, seed: 1, target: 100, now: clock.now }
const floor = costing('floor', 10, clock)

function cold(rival: Contender, drive: NonNullable<Suite['drive']>): Suite {
  const workload = { keys: [], sequence: ['cold'] }
  const prompt: Contender = { name: 'prompt', prepare: async ({ load }) => ({ ask: forgetful(load) }) }
  return { ...suiteOf(prompt, [rival]), workload: () => workload, drive }
}

/** Coalesces and keeps nothing; takes its time by the fake clock. */
function forgetful(load: (key: string) => Promise<number>) {
  const flights = new Map<string, Promise<number>>()
  return (key: string): Promise<number> => {
    const flight = flights.get(key) ?? load(key).finally(() => flights.delete(key))
    flights.set(key, flight)
    clock.work(10)
    return flight
  }
}

describe('cold keys', () => {
  it('are never the same twice', () => {
    const keys = [...freshKeys(['a', 'b'], 3), ...freshKeys(['a', 'b'], 3)]
    expect(new Set(keys).size).toBe(12)
  })

  it('have values that distinguish neighbours', () => {
    const valueOf = valuesOf([])
    const keys = freshKeys(['a'], 5_000)
    expect(new Set(keys.map(valueOf)).size).toBe(5_000)
  })

  it('fail a contender that loads more than once for a burst', async () => {
    const careless: Contender = { name: 'careless', prepare: async ({ load }) => ({ ask: load }) }
    await expect(runSuite(cold(careless, bursts(5)), settings)).rejects.toThrow(
      'fake: careless was to load 1 values, each once, but loaded 5.',
    )
  })

  it('fail a contender that makes its values up', async () => {
    const liar: Contender = { name: 'liar', prepare: async () => ({ ask: async () => 7 }) }
    await expect(runSuite(cold(liar, misses), settings)).rejects.toThrow('liar gave wrong values')
  })

  it('may be asked for by all that load: each once, in bursts and one after another', async () => {
    for (const [rivals, drive] of [
      [coalescers, bursts(5)],
      [loaders, misses],
    ] as const) {
      const suite: Suite = { ...cold(floor, drive), floor: bareMapOverLru, rivals }
      let time = 0
      const now = (): number => (time += 100)
      const { lines } = await runSuite(suite, { ...settings, now })
      expect(lines).toHaveLength(rivals.length + 2)
    }
  })
})

describe('the bare Map over lru-cache', () => {
  it('loads once for all concurrent callers, and never again', async () => {
    const origin = originOf({ keys: ['a'], valueOf: valuesOf(['a']) })
    const { ask } = await bareMapOverLru.prepare({ ...origin, keys: [] })
    expect(await Promise.all([ask('a'), ask('a'), ask('a')])).toEqual([1, 1, 1])
    expect(await ask('a')).toBe(1)
    expect(origin.loads()).toBe(1)
  })

  it('keeps no failure', async () => {
    let fails = true
    const load = async (): Promise<number> => (fails ? Promise.reject(new Error('down')) : 5)
    const { ask } = await bareMapOverLru.prepare({ keys: [], load })
    await expect(ask('a')).rejects.toThrow('down')
    fails = false
    expect(await ask('a')).toBe(5)
  })
})
