import { parseArgs } from 'node:util'
import { type Given, problemOf, ROUNDS } from './option-problem.ts'

/** What a run is asked for. */
export interface Asked {
  readonly rounds: number
  /** Nanoseconds that one contender should take in one round. */
  readonly target: number
  readonly suites: readonly string[]
  readonly json: string | undefined
}

/** What the command line asks for. */
export type Parsed =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | ({ readonly kind: 'run' } & Asked)

/** What a command is called, and for how long each contender is to run in a round, nanoseconds. */
export interface Defaults {
  readonly command: string
  readonly target: number
  readonly quickTarget: number
}

const BENCH: Defaults = { command: 'bench', target: 40e6, quickTarget: 1e6 }
const QUICK_ROUNDS = 3
const SECOND = 1e9

const OPTIONS = {
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  suite: { type: 'string' },
  quick: { type: 'boolean' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

export function usage(suites: readonly string[], { command, target }: Defaults = BENCH): string {
  return `Usage: ${command} [--rounds N] [--seconds N] [--suite NAME]... [--quick] [--json FILE]

  --rounds N     how often each contender is measured; default ${ROUNDS}
  --seconds N    for how long each time; default ${target / SECOND}
  --suite NAME   runs only this suite, or a list with commas; may be repeated: ${suites.join(', ')}
  --quick        ${QUICK_ROUNDS} very short rounds, to see that all works; its figures say nothing
  --json FILE    writes every round and the environment to this file as well
  --help         prints this`
}

export function parseArguments(given: readonly string[], known: readonly string[], defaults: Defaults = BENCH): Parsed {
  // pnpm hands on the "--" that some habits put before a script's own arguments.
  const args = given.filter(argument => argument !== '--')
  const { tokens } = parseArgs({ args, options: OPTIONS, strict: false, allowPositionals: true, tokens: true })
  const options = tokens.flatMap((token): Given[] => {
    if (token.kind === 'option-terminator') return []
    if (token.kind === 'positional') return [{ name: '', rawName: `"${token.value}"`, value: undefined }]
    return [{ name: token.name, rawName: token.rawName, value: token.value }]
  })
  if (options.some(({ name }) => name === 'help')) return { kind: 'help' }
  const problem = options.map(option => problemOf(option, known)).find(each => each !== undefined)
  return problem === undefined ? asked(options, known, defaults) : { kind: 'wrong', problem }
}

function asked(options: readonly Given[], known: readonly string[], { target, quickTarget }: Defaults): Parsed {
  const last = (name: string): string | undefined => options.findLast(option => option.name === name)?.value
  const isQuick = options.some(({ name }) => name === 'quick')
  const wanted = options.flatMap(({ name, value = '' }) => (name === 'suite' ? value.split(',') : []))
  const seconds = last('seconds')
  return {
    kind: 'run',
    rounds: Number(last('rounds') ?? (isQuick ? QUICK_ROUNDS : ROUNDS)),
    target: seconds === undefined ? (isQuick ? quickTarget : target) : Number(seconds) * SECOND,
    suites: known.filter(name => wanted.length === 0 || wanted.includes(name)),
    json: last('json'),
  }
}
