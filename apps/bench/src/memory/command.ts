import { lruCacheGet } from '../contenders/lru-cache-get.ts'
import { stampede } from '../contenders/stampede.ts'
import { storedPromise } from '../contenders/stored-promise.ts'
import { grid } from '../grid.ts'
import { type NumberOption, type Numbers, parseNumbers } from '../number-options.ts'
import type { Out } from '../out.ts'
import { verdict } from '../target.ts'
import { versionOf } from '../versions.ts'
import { builds, stampedeBuild } from './builds.ts'
import { type EntryFigure, measureEntries } from './entries.ts'
import { type HitFigure, measureHits } from './hits.ts'

type Name = 'entries' | 'more-entries' | 'builds' | 'hits'

const OPTIONS: Readonly<Record<Name, NumberOption>> = {
  entries: { about: 'how many entries', byDefault: 100_000, atLeast: 1 },
  'more-entries': { about: 'and how many more: by default one over 2 ** 17', byDefault: 131_073, atLeast: 1 },
  builds: { about: 'how often each is built', byDefault: 5, atLeast: 1 },
  hits: { about: 'hits of each contender', byDefault: 200_000, atLeast: 1 },
}
const BYTES_PER_ENTRY = { atMost: 200 }
const BYTES_PER_HIT = { below: 2 }
const CONTROL = { ...storedPromise, name: `${storedPromise.name}, again` }
const ENTRY_HEAD = ['holder', 'version', 'entries', 'bytes/entry', 'min..max', 'target']
const HIT_HEAD = ['contender', 'version', 'bytes/hit', 'over floor', 'target']

/** What the command reaches outside itself. `heap` is undefined where garbage cannot be collected on demand. */
export interface MemoryWorld extends Out {
  readonly heap: (() => number) | undefined
  /** Bytes in use at this moment, garbage included. */
  readonly used: () => number
}

interface Measuring {
  readonly print: (text: string) => void
  readonly heap: () => number
  readonly used: () => number
}

/** Measures memory; returns the exit code: 2 for wrong arguments. A target that is missed fails nothing. */
export async function memoryCommand(given: readonly string[], world: MemoryWorld): Promise<number> {
  const { print, printError, heap, used } = world
  const parsed = parseNumbers(given, OPTIONS)
  if (parsed.kind === 'help') print(parsed.text)
  if (parsed.kind === 'wrong') printError(parsed.text)
  if (parsed.kind !== 'run') return parsed.kind === 'help' ? 0 : 2
  if (heap === undefined) {
    printError('Memory is measured after garbage collections: run it as pnpm bench:memory, or with node --expose-gc.')
    return 2
  }
  await measure(parsed.numbers, { print, heap, used })
  return 0
}

async function measure(numbers: Numbers<Name>, { print, heap, used }: Measuring): Promise<void> {
  const { entries, 'more-entries': more, builds: times, hits } = numbers
  print('Bytes per entry beyond key and value, after garbage collections; median over the builds.\n')
  const rows: string[][] = []
  for (const count of [entries, more]) {
    rows.push(...(await measureEntries(builds, count, times, heap)).map(entryCells))
  }
  print(`${grid([ENTRY_HEAD, ...rows])}\n`)
  for (const { name, about } of builds) print(`${name} ${about}.`)
  const figures = await measureHits(storedPromise, [CONTROL, lruCacheGet, stampede], { hits, collect: heap, used })
  print(`\nBytes allocated for a hit, over ${hits} hits, the loop and its await included.\n`)
  print(grid([HIT_HEAD, ...figures.map(hitCells)]))
}

function entryCells({ build, entries, bytes }: EntryFigure): string[] {
  const span = `${bytes.min.toFixed(1)}..${bytes.max.toFixed(1)}`
  const target = build === stampedeBuild ? verdict(bytes.median, BYTES_PER_ENTRY) : ''
  return [build.name, versionCell(build.package), `${entries}`, bytes.median.toFixed(1), span, target]
}

function hitCells({ contender, bytes, overFloor }: HitFigure): string[] {
  const target = contender === stampede ? verdict(overFloor, BYTES_PER_HIT) : ''
  return [contender.name, versionCell(contender.package), bytes.toFixed(1), overFloor.toFixed(1), target]
}

function versionCell(name: string | undefined): string {
  return name === undefined ? '-' : (versionOf(name) ?? '-')
}
