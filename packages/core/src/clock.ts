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
export type FullClock = Required<Clock>

/** The longest delay that runtimes keep; a longer one would fire at once. */
const MAX_DELAY = 2 ** 31 - 1

const runtimeClock: FullClock = {
  now: () => performance.now(),
  setTimeout(callback, ms) {
    const timer: unknown = setTimeout(callback, ms)
    if (isUnreferable(timer)) timer.unref()
    return timer
  },
  clearTimeout(timer) {
    clearTimeout(timer as ReturnType<typeof setTimeout>)
  },
}

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
    setTimeout: (callback, ms) => timers.setTimeout?.(callback, ms),
    clearTimeout: timer => timers.clearTimeout?.(timer),
  }
}

/**
 * Calls `callback` after `ms`, and returns the way to take that back. A delay beyond what timers can hold, `Infinity`
 * included, never comes.
 */
export function after(clock: FullClock, ms: number, callback: () => void): () => void {
  if (ms > MAX_DELAY) return () => {}
  const timer = clock.setTimeout(callback, ms)
  return () => clock.clearTimeout(timer)
}
