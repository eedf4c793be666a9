/** An option as it was given, or a stray word, whose name is empty. A switch or a missing value is `undefined`. */
export interface Given {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
}

export const ROUNDS = 21
const MAX_ROUNDS = 10_000
const MAX_SECONDS = 60

interface Rule {
  /** How to mend it. */
  readonly mend: string
  accepts(value: string | undefined): boolean
}

/** What is wrong with an option, as a sentence that says how to fix it. */
export function problemOf({ name, rawName, value }: Given, known: readonly string[]): string | undefined {
  const rule = new Map(Object.entries(rulesFor(known))).get(name)
  if (rule === undefined) return `${rawName} is no option; see --help for those there are.`
  if (rule.accepts(value)) return undefined
  return `${rawName} got ${value === undefined ? 'nothing' : `"${value}"`}; ${rule.mend}.`
}

function rulesFor(known: readonly string[]): Readonly<Record<string, Rule>> {
  const bare: Rule = { mend: 'write it without a value', accepts: value => value === undefined }
  return {
    rounds: { mend: `give it a whole number from 1 to ${MAX_ROUNDS}, as in --rounds ${ROUNDS}`, accepts: isRounds },
    seconds: {
      mend: `give it a number above 0, at most ${MAX_SECONDS}, as in --seconds 0.5`,
      accepts: isSeconds,
    },
    suite: {
      mend: `give it one or more of ${known.join(', ')}, with commas between them`,
      accepts: value => value?.split(',').every(suite => known.includes(suite)) ?? false,
    },
    json: {
      mend: 'give it the name of a file, as in --json reports/bench.json',
      accepts: value => value !== undefined && value !== '' && !value.startsWith('-'),
    },
    quick: bare,
    help: bare,
  }
}

/** Digits only: `Number` would take '2e1' and '0x10' as well. */
function isRounds(value = ''): boolean {
  return /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= MAX_ROUNDS
}

function isSeconds(value = ''): boolean {
  return /^\d+(?:\.\d+)?$/.test(value) && Number(value) > 0 && Number(value) <= MAX_SECONDS
}
