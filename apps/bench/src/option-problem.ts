/** An option as it was given, or a stray word, whose name is empty. A switch or a missing value is `undefined`. */
export interface Given {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
}

export const ROUNDS = 21
const MAX_ROUNDS = 10_000

/** What is wrong with an option, as a sentence that tells how to mend it. */
export function problemOf({ name, rawName, value }: Given, known: readonly string[]): string | undefined {
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
