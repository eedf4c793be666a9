import { grid } from '../grid.ts'
import { type NumberOption, parseNumbers } from '../number-options.ts'
import type { Out } from '../out.ts'
import { quantile } from '../statistics.ts'
import type { Load } from './load.ts'
import { measureRelease } from './measure.ts'
import { kinds } from './served.ts'

type Name = 'waiters' | 'sockets' | 'bytes' | 'rounds'

const OPTIONS: Readonly<Record<Name, NumberOption>> = {
  waiters: { about: 'how many wait for one key', byDefault: 10_000, atLeast: 1 },
  sockets: { about: 'over how many connections', byDefault: 500, atLeast: 1 },
  bytes: { about: 'of the body', byDefault: 1024, atLeast: 0 },
  rounds: { about: 'how often each is measured, in turns', byDefault: 9, atLeast: 1 },
}
const HEAD = ['answers wait in', 'runs', 'longest block, ms', 'min..max', 'all answered, ms']

/** What the command reaches outside itself. */
export interface WaitersWorld extends Out {
  /** Sends requests from elsewhere; resolves with the number of answers. */
  readonly load: (asked: Load) => Promise<number>
}

/** Measures how long the event loop is blocked by a release; returns the exit code: 2 for wrong arguments. */
export async function waitersCommand(given: readonly string[], world: WaitersWorld): Promise<number> {
  const parsed = parseNumbers(given, OPTIONS)
  if (parsed.kind === 'help') world.print(parsed.text)
  if (parsed.kind === 'wrong') world.printError(parsed.text)
  if (parsed.kind !== 'run') return parsed.kind === 'help' ? 0 : 2
  const { waiters, rounds } = parsed.numbers
  const figures = kinds.map(kind => ({ kind, longest: [] as number[], whole: [] as number[], runs: 0 }))
  for (let round = 0; round < rounds; round += 1) {
    for (const figure of figures) {
      const { longest, whole, runs } = await measureRelease(figure.kind, parsed.numbers, world.load)
      figure.longest.push(longest)
      figure.whole.push(whole)
      figure.runs = runs
    }
  }
  world.print(`The longest block of the event loop when ${waiters} who wait for one key are released at once.\n`)
  const rows = figures.map(({ kind, longest, whole, runs }) => [
    kind.name,
    `${runs}`,
    quantile(longest, 0.5).toFixed(1),
    `${Math.min(...longest).toFixed(1)}..${Math.max(...longest).toFixed(1)}`,
    quantile(whole, 0.5).toFixed(1),
  ])
  world.print(`${grid([HEAD, ...rows], 1)}\n`)
  for (const { name, about } of kinds) world.print(`${name}: ${about}.`)
  return 0
}
