import { type Asked, type Defaults, parseArguments, usage } from './arguments.ts'
import { environment, factsOf } from './environment.ts'
import { fileProblem, writeJson } from './json-file.ts'
import type { Out } from './out.ts'
import type { ShownSuite } from './shown-suite.ts'

/** What a command of such suites is, and what it reaches outside itself. */
export interface ShownWorld extends Out {
  readonly suites: readonly ShownSuite[]
  readonly defaults: Defaults
  /** How its tables are read, in a line. */
  readonly guide: string
  /** What there is to say of the machine beside what is said of any; called once, before anything runs. */
  readonly facts: () => object
}

const SEED = 1
const MILLISECONDS = 1e6

/** Does what the command line says; returns the exit code: 2 for wrong arguments, 1 where a suite fails. */
export async function shownCommand(given: readonly string[], world: ShownWorld): Promise<number> {
  const { suites, defaults, print, printError } = world
  const names = suites.map(({ name }) => name)
  const parsed = parseArguments(given, names, defaults)
  if (parsed.kind === 'help') print(usage(names, defaults))
  if (parsed.kind === 'wrong') printError(parsed.problem)
  if (parsed.kind !== 'run') return parsed.kind === 'help' ? 0 : 2
  const problem = await fileProblem(parsed.json)
  if (problem !== undefined) printError(problem)
  if (problem !== undefined) return 2
  try {
    await run(parsed, world)
    return 0
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error))
    return 1
  }
}

async function run({ suites: wanted, rounds, target, json }: Asked, world: ShownWorld): Promise<void> {
  const { print, guide } = world
  const { date, ...machine } = { ...environment(SEED), ...world.facts() }
  print(`${factsOf(machine)}, rounds ${rounds}\n${guide}\n`)
  const results: object[] = []
  for (const suite of world.suites.filter(({ name }) => wanted.includes(name))) {
    const { text, result } = await suite.run({ rounds, ms: target / MILLISECONDS, seed: SEED })
    print(`${text}\n`)
    results.push(result)
  }
  if (json === undefined) return
  await writeJson(json, { environment: { ...machine, date }, rounds, target, suites: results })
  print(`Every round is in ${json}.`)
}
