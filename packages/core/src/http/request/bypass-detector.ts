/** So many requests in a row that all bypass are no accident. */
const ENOUGH = 20
/** They speak of what was asked for, and not of who asked. */
const MEANT = new Set(['method', 'match'])

/** Finds out that nothing is shared at all, as where each visitor has a cookie that counts as a credential. */
export class BypassDetector {
  readonly #reasons = new Map<string, number>()
  #bypassed = 0
  #isOver = false

  /** A request took part. */
  tookPart(): void {
    this.#isOver = true
  }

  /** A request bypassed. Returns the reasons of all of them, once, when there are enough and none took part. */
  bypassed(reason: string): Readonly<Record<string, number>> | undefined {
    if (this.#isOver || MEANT.has(reason)) return undefined
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
    this.#bypassed += 1
    if (this.#bypassed < ENOUGH) return undefined
    this.#isOver = true
    return Object.fromEntries(this.#reasons)
  }
}
