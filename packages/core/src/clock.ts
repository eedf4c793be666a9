/**
 * Where Stampede reads the time and sets its timers. Ages come from `now` alone, so a wall clock that jumps changes
 * nothing. Bring your own to control time in tests.
 */
export interface Clock {
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number
  /** Calls `callback` once, `ms` milliseconds from now. Default: the runtime's, without keeping the process alive. */
  setTimeout?(callback: () => void, ms: number): unknown
  /** Takes back what `setTimeout` returned. */
  clearTimeout?(timer: unknown): void
}

/** A clock that has all its parts. */
export interface FullClock extends Required<Clock> {
  /** The time as it was a moment ago, at a fraction of the cost. */
  coarse(): number
  /** Whether one timer may serve many calls: not where it ends with the request that set it, as on Workers. */
  readonly hasLastingTimers: boolean
}

/** The longest delay that runtimes keep; a longer one would fire at once. */
const MAX_DELAY = 2 ** 31 - 1
/** How often the time may be told without being read again while the event loop does not turn. */
const TOLD_BEFORE_READ = 256

/** The runtime's own, in whole milliseconds: they take half the memory of fractions. */
class RuntimeClock implements FullClock {
  #told = 0
  #left = 0
  #isTicking = false
  #hasLastingTimers: boolean | undefined

  now(): number {
    return Math.floor(performance.now())
  }

  coarse(): number {
    this.#left -= 1
    return this.#left >= 0 ? this.#told : this.#read()
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const timer: unknown = setTimeout(callback, ms)
    if (isUnreferable(timer)) timer.unref()
    return timer
  }

  clearTimeout(timer: unknown): void {
    clearTimeout(timer as ReturnType<typeof setTimeout>)
  }

  get hasLastingTimers(): boolean {
    if (this.#hasLastingTimers === undefined) {
      const timer = this.setTimeout(() => {}, 0)
      this.#hasLastingTimers = isUnreferable(timer)
      this.clearTimeout(timer)
    }
    return this.#hasLastingTimers
  }

  /** Reads the time for the calls of the next millisecond; without timers to rely on, for this one alone. */
  #read(): number {
    this.#told = this.now()
    this.#left = this.hasLastingTimers ? TOLD_BEFORE_READ : 0
    if (this.#left > 0 && !this.#isTicking) {
      this.#isTicking = true
      this.setTimeout(() => {
        this.#isTicking = false
        this.#left = 0
      }, 1)
    }
    return this.#told
  }
}

const runtimeClock: FullClock = new RuntimeClock()

/** Browsers and workers count timers; Node, Bun and Deno have objects that would keep the process alive. */
function isUnreferable(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function'
}

/** The clock to use: the given one, with the runtime's timers where it has none of its own; else the runtime's. */
export function resolveClock(clock: Clock | undefined): FullClock {
  if (clock === undefined) return runtimeClock
  const timers = clock.setTimeout && clock.clearTimeout ? clock : runtimeClock
  return {
    now: () => clock.now(),
    coarse: () => clock.now(),
    setTimeout: (callback, ms) => timers.setTimeout?.(callback, ms),
    clearTimeout: timer => timers.clearTimeout?.(timer),
    hasLastingTimers: true,
  }
}

/**
 * Calls `callback` after `ms`, and returns the way to take that back. A delay beyond what timers can hold, `Infinity`
 * included, never comes.
 */
export function after(clock: Required<Clock>, ms: number, callback: () => void): () => void {
  if (ms > MAX_DELAY) return () => {}
  const timer = clock.setTimeout(callback, ms)
  return () => clock.clearTimeout(timer)
}

/** What is said within `ms`, or `otherwise`. It must not reject. */
export function within<T, Otherwise>(
  clock: FullClock,
  said: Promise<T>,
  otherwise: Otherwise,
  ms: number,
): Promise<T | Otherwise> {
  return new Promise(resolve => {
    const stopTimer = after(clock, ms, () => resolve(otherwise))
    void said.then(resolve).then(stopTimer)
  })
}
