import { grid } from '../grid.ts'
import { type NumberOption, parseNumbers } from '../number-options.ts'
import type { Out } from '../out.ts'
import { soak } from './run.ts'
import { type Evidence, growthOf, MAX_GROWTH, problemsOf } from './verdict.ts'

const OPTIONS: Readonly<Record<'operations' | 'seed', NumberOption>> = {
  operations: { about: 'how many operations', byDefault: 3_000_000, atLeast: 5 },
  seed: { about: 'the seed of all choices', byDefault: 1, atLeast: 0 },
}
const HEAD = ['operations', 'heap MB', 'x first', 'entries', 'flights']
const MEGABYTE = 1e6

/** What the command reaches outside itself. `heap` is undefined where garbage cannot be collected on demand. */
export interface SoakWorld extends Out {
  readonly heap: (() => number) | undefined
}

/** Soaks one cache; returns the exit code: 0, 1 where something was left behind, 2 for wrong arguments. */
export async function soakCommand(given: readonly string[], { print, printError, heap }: SoakWorld): Promise<number> {
  const parsed = parseNumbers(given, OPTIONS)
  if (parsed.kind === 'help') print(parsed.text)
  if (parsed.kind === 'wrong') printError(parsed.text)
  if (parsed.kind !== 'run') return parsed.kind === 'help' ? 0 : 2
  if (heap === undefined) {
    printError('The soak has to collect garbage: run it as pnpm bench:soak, or with node --expose-gc.')
    return 2
  }
  const { operations, seed } = parsed.numbers
  print(`Soak: ${operations} operations on one cache, seed ${seed}.\n`)
  const evidence = await soak({ operations, seed, heap })
  print(tableOf(evidence))
  const problems = problemsOf(evidence)
  for (const problem of problems) printError(problem)
  if (problems.length === 0) print(closingOf(evidence))
  return problems.length === 0 ? 0 : 1
}

function tableOf({ samples }: Evidence): string {
  const first = samples[0]?.heap ?? Number.NaN
  const rows = samples.map(({ operations, heap, entries, flights }) => [
    `${operations}`,
    (heap / MEGABYTE).toFixed(2),
    (heap / first).toFixed(3),
    `${entries}`,
    `${flights}`,
  ])
  return `${grid([HEAD, ...rows], 0)}\n`
}

function closingOf({ samples }: Evidence): string {
  const growth = growthOf(samples).toFixed(3)
  return `Nothing was left behind: heap ${growth} of the first sample (at most ${MAX_GROWTH}), no flight, no listener, no unhandled rejection.`
}
