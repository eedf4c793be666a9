/** Milliseconds that a value stays fresh: longer than any run. */
export const TTL: number = 24 * 60 * 60 * 1_000
/** Room for each key, never less than what the packages give by default. */
const MIN_ENTRIES = 1_024

export function roomFor(keys: readonly string[]): number {
  return Math.max(MIN_ENTRIES, keys.length)
}
