import { parseArgs } from 'node:util'

/** What a whole number on the command line is by default, and at least. */
export interface NumberOption {
  readonly about: string
  readonly byDefault: number
  readonly atLeast: number
}

export type Numbers<Name extends string> = Readonly<Record<Name, number>>

/** What the command line asks for: numbers by name, or a text to print instead. */
export type NumbersParsed<Name extends string> =
  | { readonly kind: 'run'; readonly numbers: Numbers<Name> }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly text: string }

/** Reads `--name N` for each known option. */
export function parseNumbers<Name extends string>(
  given: readonly string[],
  known: Readonly<Record<Name, NumberOption>>,
): NumbersParsed<Name> {
  // pnpm hands on the "--" that some habits put before a script's own arguments.
  const args = given.filter(argument => argument !== '--')
  const options = new Map<string, NumberOption>(Object.entries<NumberOption>(known))
  const types = Object.fromEntries([...options.keys()].map(name => [name, { type: 'string' as const }]))
  const { values, positionals } = parseArgs({ args, options: types, strict: false, allowPositionals: true })
  if ('help' in values) return { kind: 'help', text: helpOf(options) }
  const [stray] = [...positionals, ...Object.keys(values).filter(name => !options.has(name))]
  if (stray !== undefined) return { kind: 'wrong', text: `${stray} is no option; see --help for those there are.` }
  const wrong = [...options].find(([name, { atLeast }]) => name in values && !isWhole(values[name], atLeast))
  if (wrong !== undefined) return { kind: 'wrong', text: problemOf(wrong) }
  const numbers = [...options].map(([name, { byDefault }]) => [name, Number(values[name] ?? byDefault)])
  return { kind: 'run', numbers: Object.fromEntries(numbers) as Numbers<Name> }
}

function isWhole(value: string | boolean | undefined | (string | boolean)[], atLeast: number): boolean {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) && Number(value) >= atLeast
}

function problemOf([name, { byDefault, atLeast }]: readonly [string, NumberOption]): string {
  return `--${name} wants a whole number, ${atLeast} or more, as in --${name} ${byDefault}.`
}

function helpOf(options: ReadonlyMap<string, NumberOption>): string {
  const lines = [...options].map(([name, { about, byDefault }]) => `  --${name} N  ${about}; default ${byDefault}`)
  return ['Options:', ...lines].join('\n')
}
