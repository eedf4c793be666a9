import { Notifier } from './notifier.ts'

/** Counts what is under way, for one who waits for the end of all of it. */
export class WaitGroup {
  readonly #done = new Notifier()
  #count = 0

  /** Begins something. Returns the way to end it, once. */
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

  /** Resolves when nothing is under way. */
  done(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : this.#done.next()
  }
}
