/** Fixed seeds, so that a mutant is found early, and by the same tests each time. */
const isMutant = process.env['STRYKER_MUTATOR_WORKER'] !== undefined

/** The seed of this run: `FC_SEED`, to see a failure again, or any. */
export const seed: number = Number(process.env['FC_SEED'] ?? (isMutant ? 7 : Math.floor(Math.random() * 2 ** 31)))

/** What fast-check is to do: so many runs, or those that `FC_RUNS` says. */
export function runs(count: number): {
  readonly seed: number
  readonly numRuns: number
  readonly endOnFailure: boolean
} {
  return { seed, numRuns: isMutant ? 150 : Number(process.env['FC_RUNS'] ?? count), endOnFailure: isMutant }
}
