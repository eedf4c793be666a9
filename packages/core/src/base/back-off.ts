const FIRST_BACK_OFF = 1_000
const LONGEST_BACK_OFF = 30_000

/** How long to wait before the next attempt after this many failures in a row, milliseconds. */
export function backOffFor(failures: number): number {
  return Math.min(FIRST_BACK_OFF * 2 ** failures, LONGEST_BACK_OFF)
}
