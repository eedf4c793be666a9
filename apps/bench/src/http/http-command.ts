import { type Asked, parseArguments, usage } from '../arguments.ts'
import { environment, factsOf } from '../environment.ts'
import { fileProblem, writeJson } from '../json-file.ts'
import type { Out } from '../out.ts'
import type { HttpSuite } from './http-suites.ts'

/** What the command reaches outside itself. */
export interface HttpWorld extends Out {
  readonly suites: readonly HttpSuite[]
  /** Keeps this process to a core of its own. Returns how the processes are placed. */
  readonly pin: () => string
}

const SEED = 1
const MILLISECONDS = 1e6
/** Nanoseconds that one server takes in one round. */
const DEFAULTS = { command: 'bench:http', target: 1e9, quickTarget: 50e6 }
const GUIDE =
  'x Buffer, x JSON: median over the rounds of requests a second over those of the bare handler in the same round; more is better. control: the bare handler over itself.'

/** Does what the command line says; returns the exit code: 2 for wrong arguments, 1 where a server fails. */
export async function httpCommand(given: readonly string[], world: HttpWorld): Promise<number> {
  const { suites, print, printError } = world
  const names = suites.map(({ name }) => name)
  const parsed = parseArguments(given, names, DEFAULTS)
  if (parsed.kind === 'help') print(usage(names, DEFAULTS))
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

async function run({ suites: wanted, rounds, target, json }: Asked, { suites, print, pin }: HttpWorld): Promise<void> {
  const { date, ...machine } = { ...environment(SEED), placed: pin() }
  print(`${factsOf(machine)}, rounds ${rounds}\n${GUIDE}\n`)
  const results: object[] = []
  for (const suite of suites.filter(({ name }) => wanted.includes(name))) {
    const { text, result } = await suite.run({ rounds, ms: target / MILLISECONDS, seed: SEED })
    print(`${text}\n`)
    results.push(result)
  }
  if (json === undefined) return
  await writeJson(json, { environment: { ...machine, date }, rounds, target, suites: results })
  print(`Every round is in ${json}.`)
}
