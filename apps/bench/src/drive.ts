import type { Answer, Ask } from './contender.ts'

/** What no key has for a value. */
const NOTHING = -1

/**
 * Asks for each key in turn, and returns a sum of the answers that depends on their order. All contenders go through
 * this one loop: after the warm-up its call is inlined for none of them, the floor included.
 */
export async function drive(ask: Ask, sequence: readonly string[], passes: number): Promise<number> {
  let sum = 0
  for (let pass = 0; pass < passes; pass += 1) {
    for (const key of sequence) sum = added(sum, await ask(key))
  }
  return sum
}

/** The sum that `drive` comes to where every answer is right. */
export function expectedSum(values: ReadonlyMap<string, number>, sequence: readonly string[], passes: number): number {
  const answers = sequence.map(key => values.get(key))
  let sum = 0
  for (let pass = 0; pass < passes; pass += 1) {
    for (const answer of answers) sum = added(sum, answer)
  }
  return sum
}

function added(sum: number, answer: Answer): number {
  return (Math.imul(sum, 31) + (answer ?? NOTHING)) | 0
}
