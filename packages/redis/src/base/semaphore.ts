/** Limits how many operations run at a time; the others wait in order. */
export class Semaphore {
  readonly #most: number
  #running = 0
  #waiting: (() => void)[] = []
  /** The number of waiting operations that have been started: removing each from the list would move all others. */
  #through = 0

  /** @param most the maximum number at a time */
  constructor(most: number) {
    this.#most = most
  }

  /** Runs the operation when it is its turn. Resolves as it does. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#most) this.#running += 1
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  /** The next operation takes the place of one that ends. */
  #next(): void {
    const next = this.#waiting[this.#through]
    if (next === undefined) {
      this.#running -= 1
      return
    }
    this.#through += 1
    if (this.#through === this.#waiting.length) {
      this.#waiting = []
      this.#through = 0
    }
    next()
  }
}
