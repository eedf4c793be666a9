/** Beyond this many times beta times the duration, no draw causes a refresh: the probability is e^-20. */
const REACH = 20

/** The moment before which no draw can cause a refresh, so that a hit need not draw. */
export function drawsFrom(freshUntil: number, beta: number, duration: number): number {
  return beta === 0 ? freshUntil : Math.floor(freshUntil - REACH * beta * duration)
}

interface Draw {
  readonly now: number
  readonly freshUntil: number
  readonly beta: number
  /** How long the last fetch took. */
  readonly duration: number
  /** Uniform in [0, 1). */
  readonly draw: number
}

/**
 * XFetch (Vattani, Chierichetti, Lowenstein, VLDB 2015): refreshes before expiry, with a probability that grows with
 * the duration of the last fetch.
 */
export function refreshesEarly({ now, freshUntil, beta, duration, draw }: Draw): boolean {
  // 1 - draw, because the logarithm of 0 is infinite.
  return now - beta * duration * Math.log(1 - draw) >= freshUntil
}
