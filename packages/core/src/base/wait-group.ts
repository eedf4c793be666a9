import { Bell } from './notifier.ts'

/** Counts what is under way, for one who waits for the end of all of it. */
export class UnderWay {
  readonly #over = new Bell()
  #count = 0

  /** Begins something. Returns the way to end it, once. */
  begin(): () => void {
    let isOver = false
    this.#count += 1
    return () => {
      if (isOver) return
      isOver = true
      this.#count -= 1
      if (this.#count === 0) this.#over.ring()
    }
  }

  /** Resolves when nothing is under way. */
  over(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : this.#over.rung()
  }
}
