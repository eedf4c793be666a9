import { Notifier } from './notifier.ts'

/** Counts operations in progress, and lets one wait until all of them have ended. */
export class WaitGroup {
  readonly #done = new Notifier()
  #count = 0

  /** Starts an operation. Returns the function that ends it. */
  begin(): () => void {
    let isOver = false
    this.#count += 1
    return () => {
      if (isOver) return
      isOver = true
      this.#count -= 1
      if (this.#count === 0) this.#done.notify()
    }
  }

  /** Resolves when no operation is in progress. */
  done(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : this.#done.next()
  }
}
