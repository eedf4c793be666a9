import { setImmediate } from 'node:timers/promises'
import type { Answer, Ask } from '../contender.ts'
import { added, type Drive, type Plan, type ValueOf } from '../drive.ts'
import { freshKeys } from './fresh-keys.ts'

/** For each new key, this many concurrent callers; it is loaded once for all. */
export function bursts(callers: number): Drive {
  return {
    plan: (sequence, passes) => ({ keys: freshKeys(sequence, passes), passes: 1 }),
    run: (ask, plan) => run(callers, ask, plan),
    sum: (plan, valueOf) => sumOf(callers, plan, valueOf),
    loads: ({ keys }) => keys.length,
    // All callers have come before the value is there.
    pause: () => setImmediate(),
  }
}

async function run(callers: number, ask: Ask, { keys }: Plan): Promise<number> {
  let sum = 0
  for (const key of keys) {
    const asked: Promise<Answer>[] = []
    // What is cold is never answered at once.
    for (let caller = 0; caller < callers; caller += 1) asked.push(ask(key) as Promise<Answer>)
    const answers = await Promise.all(asked)
    for (const answer of answers) sum = added(sum, answer)
  }
  return sum
}

function sumOf(callers: number, { keys }: Plan, valueOf: ValueOf): number {
  let sum = 0
  for (const key of keys) {
    for (let caller = 0; caller < callers; caller += 1) sum = added(sum, valueOf(key))
  }
  return sum
}
