import { type Asked, parseArguments, usage } from './arguments.ts'
import type { Now } from './course.ts'
import { environment, factsOf } from './environment.ts'
import { type Growth, growthLine } from './growth.ts'
import { fileProblem, writeJson } from './json-file.ts'
import type { Out } from './out.ts'
import type { SuiteResult } from './results.ts'
import { runSuite } from './run-suite.ts'
import type { Suite } from './suite.ts'
import { table } from './table.ts'

/** What the command reaches outside itself. */
export interface World extends Out {
  readonly suites: readonly Suite[]
  readonly growths: readonly Growth[]
  readonly now: Now
}

const SEED = 1
const GUIDE =
  'x floor: median over the rounds of contender / floor of the same round. control: the same for the floor against itself.'

/** Does what the command line says; returns the exit code: 2 for wrong arguments, 1 where a contender fails. */
export async function runCommand(given: readonly string[], world: World): Promise<number> {
  const names = world.suites.map(({ name }) => name)
  const parsed = parseArguments(given, names)
  if (parsed.kind === 'help') world.print(usage(names))
  if (parsed.kind === 'wrong') world.printError(parsed.problem)
  if (parsed.kind !== 'run') return parsed.kind === 'help' ? 0 : 2
  const problem = await fileProblem(parsed.json)
  if (problem !== undefined) world.printError(problem)
  if (problem !== undefined) return 2
  try {
    await bench(parsed, world)
    return 0
  } catch (error) {
    world.printError(messageOf(error))
    return 1
  }
}

async function bench(asked: Asked, { suites, growths, now, print }: World): Promise<void> {
  const { rounds, target, json } = asked
  const { date, ...machine } = environment(SEED)
  print(`${factsOf(machine)}, rounds ${rounds}\n${GUIDE}\n`)
  const results: SuiteResult[] = []
  for (const suite of suites.filter(({ name }) => asked.suites.includes(name))) {
    const result = await runSuite(suite, { rounds, seed: SEED, target, now })
    print(`${table(result)}\n`)
    results.push(result)
  }
  const lines = growths.flatMap(growth => growthLine(growth, results) ?? [])
  if (lines.length > 0) print(`${lines.join('\n')}\n`)
  if (json === undefined) return
  await writeJson(json, { environment: { ...machine, date }, rounds, target, suites: results })
  print(`Every round is in ${json}.`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
