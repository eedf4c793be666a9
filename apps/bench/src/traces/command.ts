import { type NumberOption, parseNumbers } from '../number-options.ts'
import type { Out } from '../out.ts'
import { cases, SHARES } from './cases.ts'
import { measureCase, type Row } from './measure.ts'
import { report } from './report.ts'

type Name = 'objects' | 'requests' | 'seed' | 'seeds'

const OPTIONS: Readonly<Record<Name, NumberOption>> = {
  objects: { about: 'objects to choose from', byDefault: 20_000, atLeast: 1 },
  requests: { about: 'requests in each trace', byDefault: 200_000, atLeast: 1 },
  seed: { about: 'the first seed', byDefault: 1, atLeast: 0 },
  seeds: { about: 'how many seeds, one after another', byDefault: 2, atLeast: 1 },
}

/** Runs every trace; returns the exit code: 2 for wrong arguments. A target that is missed fails nothing. */
export async function tracesCommand(given: readonly string[], { print, printError }: Out): Promise<number> {
  const parsed = parseNumbers(given, OPTIONS)
  if (parsed.kind === 'help') print(parsed.text)
  if (parsed.kind === 'wrong') printError(parsed.text)
  if (parsed.kind !== 'run') return parsed.kind === 'help' ? 0 : 2
  const { objects, requests, seed, seeds } = parsed.numbers
  print(
    `Hit ratios in %: ${objects} objects, ${requests} requests, from an empty cache on; drift in ranks per 1000 requests.\n`,
  )
  const rows: Row[] = []
  for (const each of cases) {
    for (let nth = 0; nth < seeds; nth += 1) {
      rows.push(...(await measureCase(each, { objects, requests }, seed + nth, SHARES)))
    }
  }
  print(report(rows))
  return 0
}
