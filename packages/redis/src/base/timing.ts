import { performance } from 'node:perf_hooks'
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'

/** Where the store reads the time, sets its timers and draws its jitter. */
export interface Timing {
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number
  /** One that is awaited keeps the process from ending. */
  setTimeout(callback: () => void, ms: number, isAwaited: boolean): unknown
  clearTimeout(timer: unknown): void
  /** Calls `callback` once what the sockets have to say now was heard. */
  afterPoll(callback: () => void): void
  /** From 0 to less than 1. */
  random(): number
}

/** The longest delay that timers keep; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1

/** The runtime's own, of which fake timers of a test take nothing away: what goes over a socket takes real time. */
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
 * Calls `callback` after `ms`, and returns the way to take that back. What is longer than timers can hold never comes. Where
 * somebody waits for it, the process does not end before: not all ports have sockets that keep it.
 */
export function after(timing: Timing, ms: number, callback: () => void, isAwaited = false): () => void {
  if (ms > LONGEST_DELAY) return () => {}
  const timer = timing.setTimeout(callback, Math.max(0, ms), isAwaited)
  return () => timing.clearTimeout(timer)
}
