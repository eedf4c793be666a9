import { Monotonic } from './monotonic.ts'
import { RuntimeClock } from './runtime-clock.ts'

/**
 * The source of time and timers. Ages come from `now` alone, so a wall clock that jumps changes nothing. Pass your own to
 * control time in tests.
 */
export interface Clock {
  /** Milliseconds since any fixed moment. It must never go back: if it does, everything stored counts as expired. */
  now(): number
  /** Calls `callback` once, `ms` milliseconds from now. Default: the runtime's, without keeping the process alive. */
  setTimeout?(callback: () => void, ms: number): unknown
  /** Cancels a timer that `setTimeout` returned. */
  clearTimeout?(timer: unknown): void
}

/** A clock with all its parts. */
export interface FullClock extends Required<Clock> {
  /** The time of a moment ago, at a fraction of the cost. */
  coarse(): number
  /** Whether one timer may serve many calls. Not on Workers, where a timer ends with the request that set it. */
  readonly hasLastingTimers: boolean
  /** Whether a timer that is set now may disappear, as the fake timers of a test do. */
  readonly hasFakeTimers: boolean
}

/** The longest delay that runtimes support; a longer one would fire at once. */
const MAX_DELAY = 2 ** 31 - 1
const runtimeClock: FullClock & RuntimeClock = new RuntimeClock()

/** The given clock, with the timers of the runtime if it has none; or the clock of the runtime. */
export function resolveClock(clock: Clock | undefined): FullClock {
  if (clock === undefined) return runtimeClock
  const own = clock.setTimeout && clock.clearTimeout ? clock : undefined
  const time = new Monotonic()
  const now = (): number => {
    if (own === undefined) runtimeClock.setLost()
    return time.at(clock.now())
  }
  return {
    now,
    coarse: now,
    setTimeout: (callback, ms) => (own ?? runtimeClock).setTimeout?.(callback, ms),
    clearTimeout: timer => (own ?? runtimeClock).clearTimeout?.(timer),
    get hasLastingTimers() {
      return own !== undefined || runtimeClock.hasLastingTimers
    },
    get hasFakeTimers() {
      return own === undefined && runtimeClock.hasFakeTimers
    },
  }
}

/**
 * Calls `callback` after `ms`, and returns a function that cancels it. A delay longer than timers support, such as
 * `Infinity`, never elapses.
 */
export function after(clock: Required<Clock>, ms: number, callback: () => void): () => void {
  if (ms > MAX_DELAY) return () => {}
  const timer = clock.setTimeout(callback, ms)
  return () => clock.clearTimeout(timer)
}

/**
 * The time, or `otherwise` if a given clock throws. For timer callbacks, in which an uncaught error would end the process.
 */
export function timeOr(otherwise: number, clock: Clock): number {
  try {
    return clock.now()
  } catch {
    return otherwise
  }
}

/** The result of the promise within `ms`, or `otherwise`. The promise must not reject. */
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
