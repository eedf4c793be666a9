import { Monotonic } from './monotonic.ts'
import { RuntimeClock } from './runtime-clock.ts'

/**
 * Where Stampede reads the time and sets its timers. Ages come from `now` alone, so a wall clock that jumps changes
 * nothing. Bring your own to control time in tests.
 */
export interface Clock {
  /** Milliseconds since any fixed moment; never goes back. Where it does, all that is stored counts as expired. */
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
  /** Whether a timer that is set now may be gone at any moment, with the fakes of a test. */
  readonly hasFakeTimers: boolean
}

/** The longest delay that runtimes keep; a longer one would fire at once. */
const MAX_DELAY = 2 ** 31 - 1
const runtimeClock: FullClock & RuntimeClock = new RuntimeClock()

/** The clock to use: the given one, with the runtime's timers where it has none of its own; else the runtime's. */
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
 * Calls `callback` after `ms`, and returns the way to take that back. A delay beyond what timers can hold, `Infinity`
 * included, never comes.
 */
export function after(clock: Required<Clock>, ms: number, callback: () => void): () => void {
  if (ms > MAX_DELAY) return () => {}
  const timer = clock.setTimeout(callback, ms)
  return () => clock.clearTimeout(timer)
}

/**
 * The time, or `otherwise` where a given clock throws. For callbacks of timers: nobody could catch the error there, and it
 * would end the process.
 */
export function timeOr(otherwise: number, clock: Clock): number {
  try {
    return clock.now()
  } catch {
    return otherwise
  }
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
