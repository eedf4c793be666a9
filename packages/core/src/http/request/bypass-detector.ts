/** This many requests in a row that all bypass are no coincidence. */
const ENOUGH = 20
/** Reasons that concern what was requested, not who requested it. */
const MEANT = new Set(['method', 'match'])

/** Detects that nothing is shared at all, as when every visitor has a cookie that counts as a credential. */
export class BypassDetector {
  readonly #reasons = new Map<string, number>()
  #bypassed = 0
  #isOver = false

  /** A request took part. */
  tookPart(): void {
    this.#isOver = true
  }

  /** A request bypassed. Returns the number of requests per reason once, when enough bypassed and none took part. */
  bypassed(reason: string): Readonly<Record<string, number>> | undefined {
    if (this.#isOver || MEANT.has(reason)) return undefined
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
    this.#bypassed += 1
    if (this.#bypassed < ENOUGH) return undefined
    this.#isOver = true
    return Object.fromEntries(this.#reasons)
  }
}
