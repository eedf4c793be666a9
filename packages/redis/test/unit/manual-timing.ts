import type { Timing } from '../../src/base/timing.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock and an event loop that stand still until they are advanced. */
export class ManualTiming implements Timing {
  /** What is drawn. */
  drawn = 0
  #now = 1_000
  readonly #timers = new Set<Timer>()
  readonly #afterPoll: (() => void)[] = []

  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  random(): number {
    return this.drawn
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const timer = { at: this.#now + ms, callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  afterPoll(callback: () => void): void {
    this.#afterPoll.push(callback)
  }

  /** Time goes by in turns of a millisecond. */
  advance(ms: number): void {
    const end = this.#now + ms
    while (this.#now < end) this.#turn(Math.min(1, end - this.#now))
  }

  /** The same, with room for what is asynchronous. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    while (this.#now < end) {
      this.#turn(Math.min(1, end - this.#now))
      await settled()
    }
  }

  /** One turn takes that long: timers are late. `heard` runs with the sockets, before any time limit. */
  stall(ms: number, heard: () => void = () => {}): void {
    this.#turn(ms, heard)
  }

  /** All timers are gone, as with fakes that are uninstalled, and the clock goes back. */
  lose(back: number): void {
    this.#timers.clear()
    this.#now -= back
  }

  #turn(ms: number, heard: () => void = () => {}): void {
    this.#now += ms
    const due = [...this.#timers].filter(({ at }) => at <= this.#now)
    for (const timer of due.toSorted((one, other) => one.at - other.at)) {
      if (this.#timers.delete(timer)) timer.callback()
    }
    heard()
    for (const callback of this.#afterPoll.splice(0)) callback()
  }
}

/** Microtasks in which all that was set off has run. */
const HOPS = 30

export async function settled(): Promise<void> {
  for (let hop = 0; hop < HOPS; hop += 1) await Promise.resolve()
}
