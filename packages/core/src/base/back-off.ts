const FIRST_BACK_OFF = 1_000
const LONGEST_BACK_OFF = 30_000

/** How long to wait with the next try after so many failures in a row before this one, milliseconds. */
export function backOffFor(failures: number): number {
  return Math.min(FIRST_BACK_OFF * 2 ** failures, LONGEST_BACK_OFF)
}
