import type { Clock } from '@stampede/core'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that stands still until it is advanced. */
export class TestClock implements Required<Clock> {
  #now = 1_000_000
  readonly #timers = new Set<Timer>()

  /** Timers that are set and have not come. */
  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const timer = { at: this.#now + ms, callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  /** Lets `ms` go by; what is due comes in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let timer = this.#nextBefore(end); timer !== undefined; timer = this.#nextBefore(end)) {
      this.#timers.delete(timer)
      this.#now = Math.max(this.#now, timer.at)
      timer.callback()
    }
    this.#now = end
  }

  #nextBefore(end: number): Timer | undefined {
    const due = [...this.#timers].filter(timer => timer.at <= end)
    return due.sort((a, b) => a.at - b.at)[0]
  }
}
