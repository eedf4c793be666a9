/** Lets through so many at a time; the others wait, in the order in which they came. */
export class Semaphore {
  readonly #most: number
  #running = 0
  #waiting: (() => void)[] = []
  /** How many of those who wait have been let through: to take each out of the list would move all the others. */
  #through = 0

  /** @param most how many at a time */
  constructor(most: number) {
    this.#most = most
  }

  /** Gives what the work gives, once it was its turn. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#most) this.#running += 1
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  /** Whoever is next takes the place of the one that leaves. */
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
