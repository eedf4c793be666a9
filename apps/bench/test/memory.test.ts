import { describe, expect, it } from 'vitest'
import { storedPromise } from '../src/contenders/index.ts'
import { type Build, builds } from '../src/memory/builds.ts'
import { memoryCommand } from '../src/memory/command.ts'
import { materialOf, measureEntries, perEntry } from '../src/memory/entries.ts'
import { figuresOf, measureHits } from '../src/memory/hits.ts'
import { collecting } from './fakes.ts'

describe('bytes for an entry', () => {
  it('are those between two collected heaps, by the entries that are there', async () => {
    const heaps = [1_000, 3_000, 3_000, 4_000, 2_000, 8_000]
    const build: Build = { name: 'ten', about: '', build: async () => ({ held: {}, entries: 10 }) }
    const [figure] = await measureEntries([build], 10, 3, () => heaps.shift() ?? 0)
    expect(figure?.bytes).toMatchObject({ min: 100, median: 200, max: 600 })
    expect(() => perEntry({ held: {}, entries: 0 }, 100)).toThrow('Nothing was stored')
  })

  it.each(builds)('of $name are by as many entries as it may hold', async ({ build }) => {
    const { entries } = await build(materialOf(50))
    expect(entries).toBe(50)
  })
})

describe('bytes for a hit', () => {
  it('are medians, so that a sample in which garbage was collected does not count', () => {
    const peer = { ...storedPromise, name: 'peer' }
    const figures = figuresOf([
      { contender: storedPromise, samples: [100, 100, -5_000] },
      { contender: peer, samples: [130, 90_000, 130] },
    ])
    expect(figures.map(({ bytes, overFloor }) => [bytes, overFloor])).toEqual([
      [100, 0],
      [130, 30],
    ])
  })

  it('are read right before and after the hits, with nothing left to collect', async () => {
    const seen: string[] = []
    let bytes = 0
    const settings = { hits: 40, collect: () => void seen.push('collect'), used: () => (bytes += 10) }
    const figures = await measureHits(storedPromise, [storedPromise], settings)
    expect(figures.map(each => [each.bytes, each.overFloor])).toEqual([
      [5, 0],
      [5, 0],
    ])
    expect(seen).toHaveLength(120)
  })
})

describe('the command', () => {
  it('shows both tables with the targets', async () => {
    const out = collecting()
    let bytes = 0
    const world = { ...out, heap: () => (bytes += 1_000), used: () => 0 }
    const given = ['--entries', '20', '--more-entries', '40', '--builds', '2', '--hits', '20']
    expect(await memoryCommand(given, world)).toBe(0)
    expect(out.printed()).toMatch(/Stampede get +\S+ +20 +50\.0 +50\.0\.\.50\.0 +<= 200 met/)
    expect(out.printed()).toMatch(/Stampede get +\S+ +0\.0 +0\.0 +< 2 met/)
  })

  it('stops where it cannot measure, or at wrong arguments', async () => {
    const out = collecting()
    expect(await memoryCommand([], { ...out, heap: undefined, used: () => 0 })).toBe(2)
    expect(await memoryCommand(['--entries', '0'], { ...out, heap: () => 0, used: () => 0 })).toBe(2)
    expect(out.errors).toEqual([
      expect.stringContaining('--expose-gc') as string,
      '--entries wants a whole number, 1 or more, as in --entries 100000.',
    ])
  })
})
