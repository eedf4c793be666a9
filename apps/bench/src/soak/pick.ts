import type { Random } from '../random.ts'

/** Returns a function that picks an item, each as often as its weight says. */
export function picker<T>(weighted: readonly (readonly [weight: number, item: T])[], next: Random): () => T {
  let total = 0
  const upTo = weighted.map(([weight, item]) => {
    total += weight
    return [total, item] as const
  })
  return () => {
    const drawn = next() * total
    const picked = upTo.find(([bound]) => drawn < bound)
    if (picked === undefined) throw new RangeError('There is nothing to pick from.')
    return picked[1]
  }
}
