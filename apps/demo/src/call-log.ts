/** One call of the origin. */
export interface Call {
  /** The process whose handler made it. */
  readonly by: string
  /** Milliseconds, on this process's clock. */
  readonly at: number
}

/** Who called the origin, and when. */
export class CallLog {
  readonly #calls = new Map<string, Call[]>()
  readonly #waiting = new Set<() => void>()

  /** Returns which call with this nonce it is. */
  add(nonce: string, by: string): number {
    const calls = this.#calls.get(nonce) ?? []
    this.#calls.set(nonce, calls)
    calls.push({ by, at: performance.now() })
    for (const look of this.#waiting) look()
    return calls.length
  }

  /** In their order. */
  of(nonce: string): readonly Call[] {
    return this.#calls.get(nonce) ?? []
  }

  /** Resolves with the first call with this nonce, once there is one. */
  first(nonce: string): Promise<Call> {
    return new Promise(resolve => {
      const look = (): void => {
        const [call] = this.of(nonce)
        if (call === undefined) return
        this.#waiting.delete(look)
        resolve(call)
      }
      this.#waiting.add(look)
      look()
    })
  }
}
