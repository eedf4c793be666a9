import { random, shuffled } from './random.ts'

/**
 * For each round, every item once, in an order of chance. Every second round is the one before it backwards: in an even
 * number of rounds none runs before another more often than after it, and a drift of the machine cancels out.
 */
export function schedule<T>(items: readonly T[], rounds: number, seed: number): T[][] {
  const next = random(seed)
  const pairs = Array.from({ length: Math.ceil(rounds / 2) }, () => shuffled(items, next))
  return pairs.flatMap(order => [order, order.toReversed()]).slice(0, rounds)
}
