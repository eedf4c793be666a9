import type { Answer, Ask } from './contender.ts'

/** The keys of one measurement, ready before the clock starts, and how often to go through them. */
export interface Plan {
  readonly keys: readonly string[]
  readonly passes: number
}

/** How a suite asks, and what must come of it. */
export interface Drive {
  readonly plan: (sequence: readonly string[], passes: number) => Plan
  /** What is measured. Resolves to a sum of the answers that depends on their order. */
  readonly run: (ask: Ask, plan: Plan) => Promise<number>
  /** What `run` comes to where every answer is right. */
  readonly sum: (plan: Plan, valueOf: ValueOf) => number
  /** How often the loader is to be called. */
  readonly loads: (plan: Plan) => number
  /** What the loader waits for; nothing by default. */
  readonly pause?: () => Promise<unknown>
}

export type ValueOf = (key: string) => number

/** What no key has for a value. */
const NOTHING = -1

/**
 * Asks for each key in turn, and returns a sum of the answers that depends on their order. All contenders go through
 * this one loop: after the warm-up its call is inlined for none of them, the floor included.
 */
export async function inTurn(ask: Ask, { keys, passes }: Plan): Promise<number> {
  let sum = 0
  for (let pass = 0; pass < passes; pass += 1) {
    for (const key of keys) sum = added(sum, await ask(key))
  }
  return sum
}

/** The sum that `inTurn` comes to where every answer is right. */
export function sumInTurn({ keys, passes }: Plan, valueOf: ValueOf): number {
  const answers = keys.map(valueOf)
  let sum = 0
  for (let pass = 0; pass < passes; pass += 1) {
    for (const answer of answers) sum = added(sum, answer)
  }
  return sum
}

export function added(sum: number, answer: Answer): number {
  return (Math.imul(sum, 31) + (answer ?? NOTHING)) | 0
}
