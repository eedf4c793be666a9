import { random, shuffled } from './random.ts'

/** For each round, every item once, in an order of chance: none always runs first, or after the same other one. */
export function schedule<T>(items: readonly T[], rounds: number, seed: number): T[][] {
  const next = random(seed)
  return Array.from({ length: rounds }, () => shuffled(items, next))
}
