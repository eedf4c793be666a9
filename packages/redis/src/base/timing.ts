import { performance } from 'node:perf_hooks'
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'

/** The source of time, timers and jitter for the store. */
export interface Timing {
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number
  /** An awaited timer keeps the process running. */
  setTimeout(callback: () => void, ms: number, isAwaited: boolean): unknown
  clearTimeout(timer: unknown): void
  /** Calls `callback` after the sockets have delivered what has arrived. */
  afterPoll(callback: () => void): void
  /** A random number, 0 <= n < 1. */
  random(): number
}

/** The longest delay that timers support; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1

/** The timers of the runtime, which fake timers of a test do not replace: sockets need real time. */
const readTime = performance.now.bind(performance)

export const runtimeTiming: Timing = {
  now: readTime,
  setTimeout: (callback, ms, isAwaited) => {
    const timer = setTimeout(callback, ms)
    return isAwaited ? timer : timer.unref()
  },
  clearTimeout: timer => clearTimeout(timer as NodeJS.Timeout),
  afterPoll: callback => void setImmediate(callback),
  random: () => Math.random(),
}

/**
 * Calls `callback` after `ms`, and returns a function that cancels it. A delay longer than timers support never
 * elapses. An awaited timer keeps the process running, because a driver may have no sockets that do.
 */
export function after(timing: Timing, ms: number, callback: () => void, isAwaited = false): () => void {
  if (ms > LONGEST_DELAY) return () => {}
  const timer = timing.setTimeout(callback, Math.max(0, ms), isAwaited)
  return () => timing.clearTimeout(timer)
}
