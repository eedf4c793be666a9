import { parseArgs } from 'node:util'

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

/** An option as it was given; a switch, or an option whose value is missing, has none. */
interface Given {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
}

export const ROUNDS = 21
export const TARGET = 40e6
export const QUICK_ROUNDS = 3
export const QUICK_TARGET = 1e6
const MAX_ROUNDS = 10_000

const OPTIONS = {
  rounds: { type: 'string' },
  suite: { type: 'string' },
  quick: { type: 'boolean' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

export function usage(suites: readonly string[]): string {
  return `Usage: bench [--rounds N] [--suite NAME]... [--quick] [--json FILE]

  --rounds N     how often each contender is measured; default ${ROUNDS}
  --suite NAME   runs only this suite, or a list with commas; may be repeated: ${suites.join(', ')}
  --quick        ${QUICK_ROUNDS} very short rounds, to see that all works; its figures say nothing
  --json FILE    writes every round and the environment to this file as well
  --help         prints this`
}

export function parseArguments(given: readonly string[], known: readonly string[]): Parsed {
  // pnpm hands on the "--" that some habits put before a script's own arguments.
  const args = given.filter(argument => argument !== '--')
  const { tokens } = parseArgs({ args, options: OPTIONS, strict: false, allowPositionals: true, tokens: true })
  const options: Given[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') return wrong(`"${token.value}" is no option; see --help for those there are.`)
    if (token.kind === 'option') options.push({ ...token, value: token.value })
  }
  if (options.some(({ name }) => name === 'help')) return { kind: 'help' }
  const problem = options.map(option => problemOf(option, known)).find(each => each !== undefined)
  return problem === undefined ? asked(options, known) : wrong(problem)
}

function asked(options: readonly Given[], known: readonly string[]): Parsed {
  const last = (name: string): string | undefined => options.findLast(option => option.name === name)?.value
  const isQuick = options.some(({ name }) => name === 'quick')
  const wanted = options.flatMap(({ name, value = '' }) => (name === 'suite' ? value.split(',') : []))
  return {
    kind: 'run',
    rounds: Number(last('rounds') ?? (isQuick ? QUICK_ROUNDS : ROUNDS)),
    target: isQuick ? QUICK_TARGET : TARGET,
    suites: known.filter(name => wanted.length === 0 || wanted.includes(name)),
    json: last('json'),
  }
}

/** What is wrong with an option, as a sentence that tells how to mend it. */
function problemOf({ name, rawName, value }: Given, known: readonly string[]): string | undefined {
  const got = value === undefined ? 'nothing' : `"${value}"`
  switch (name) {
    case 'rounds':
      if (isRounds(value)) return undefined
      return `--rounds got ${got}; give it a whole number from 1 to ${MAX_ROUNDS}, as in --rounds ${ROUNDS}.`
    case 'suite':
      if (value?.split(',').every(suite => known.includes(suite))) return undefined
      return `--suite got ${got}; give it one or more of ${known.join(', ')}, with commas between them.`
    case 'json':
      if (value !== undefined && value !== '' && !value.startsWith('-')) return undefined
      return `--json got ${got}; give it the name of a file, as in --json reports/bench.json.`
    case 'quick':
    case 'help':
      return value === undefined ? undefined : `${rawName} got ${got}; write it without a value.`
    default:
      return `${rawName} is no option; see --help for those there are.`
  }
}

/** Digits only: `Number` would take '2e1' and '0x10' as well. */
function isRounds(value = ''): boolean {
  return /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= MAX_ROUNDS
}

function wrong(problem: string): Parsed {
  return { kind: 'wrong', problem }
}
