import { Monotonic } from './monotonic.ts'

type SetTimeout = (callback: () => void, ms: number) => unknown
type ClearTimeout = (timer: unknown) => void

/** How often a cached time may be returned while the event loop does not turn. */
const TOLD_BEFORE_READ = 256

/** A timer of a fake, which disappears silently when the fakes are cleared or uninstalled. */
class BorrowedTimer {
  readonly callback: () => void
  readonly dueAt: number
  /** The function that set it, and the function that cancels it. */
  setWith: SetTimeout | undefined
  take: () => void = noop

  constructor(callback: () => void, dueAt: number) {
    this.callback = callback
    this.dueAt = dueAt
  }
}

/**
 * The clock of the runtime, in whole milliseconds: they take half the memory of fractions. Fake timers may replace
 * those of the runtime at any moment, and disappear again. Under fakes each wait has a timer of its own, as on
 * Workers; every reading of the time compares the timers, and sets lost ones again.
 */
export class RuntimeClock {
  readonly #time = new Monotonic()
  #cached = 0
  #left = 0
  /** Whether the time passes without fakes, so that a cached reading may be used. */
  #isTelling = true
  #tickDueAt = Number.NEGATIVE_INFINITY
  #stopTick: () => void = noop
  /** The runtime's own `setTimeout`, where its timers last. A different function in its place is a fake. */
  #lasting: SetTimeout | undefined
  /** A function that turned out to make no lasting timers. */
  #passing: SetTimeout | undefined
  #clear: ClearTimeout = timer => clearTimeout(timer as ReturnType<typeof setTimeout>)
  #performance: typeof performance | undefined
  #isDateRead = false
  readonly #borrowed = new Set<BorrowedTimer>()

  now(): number {
    const now = this.#read()
    if (this.#borrowed.size > 0) this.#setLost(now)
    return now
  }

  coarse(): number {
    if (setTimeout === this.#lasting) {
      this.#left -= 1
      if (this.#left >= 0) return this.#cached
    }
    return this.#tell()
  }

  setTimeout(callback: () => void, ms: number): unknown {
    if (!this.hasFakeTimers) return unreferred(setTimeout(callback, ms))
    const timer = new BorrowedTimer(callback, this.now() + ms)
    this.#borrowed.add(timer)
    this.#set(timer, ms)
    return timer
  }

  clearTimeout(timer: unknown): void {
    if (!(timer instanceof BorrowedTimer)) return this.#clear(timer)
    this.#borrowed.delete(timer)
    timer.take()
  }

  get hasLastingTimers(): boolean {
    if (setTimeout === this.#lasting) return true
    if (this.#lasting !== undefined || setTimeout === this.#passing || isFake(setTimeout)) return false
    const tried: SetTimeout = setTimeout
    const timer = tried(noop, 0)
    // Fakes reject timers of others.
    this.#clear = clearTimeout as ClearTimeout
    this.#clear(timer)
    if (isUnreferable(timer)) this.#lasting = tried
    else this.#passing = tried
    return isUnreferable(timer)
  }

  /** Workers have no fakes, and another request must not set their timers again. */
  get hasFakeTimers(): boolean {
    return !this.hasLastingTimers && (this.#lasting !== undefined || isFake(setTimeout))
  }

  /** Sets timers again that disappeared with their fakes, or are overdue. */
  setLost(): void {
    if (this.#borrowed.size > 0) this.#setLost(this.#read())
  }

  #setLost(now: number): void {
    const present: SetTimeout = setTimeout
    for (const timer of this.#borrowed) {
      const isLost = timer.setWith !== present || now > timer.dueAt
      if (isLost && timer.setWith !== this.#lasting) this.#set(timer, Math.max(0, timer.dueAt - now))
    }
  }

  #set(timer: BorrowedTimer, ms: number): void {
    timer.take()
    timer.setWith = setTimeout
    const clear: ClearTimeout = clearTimeout as ClearTimeout
    const set = unreferred(
      setTimeout(() => {
        // A fake may have no way to cancel its timer: then it fires anyway.
        if (timer.take === take && this.#borrowed.delete(timer)) timer.callback()
      }, ms),
    )
    const take = (): void => clear(set)
    timer.take = take
  }

  /**
   * Fakes that replace timers and `Date` but not `performance` move only `Date`; otherwise the wall clock is ignored.
   */
  #read(): number {
    const isFaked = setTimeout !== this.#lasting && this.hasFakeTimers
    const stopwatch = performance
    const isJumpy = stopwatch !== this.#performance && this.#isFakePerformance(stopwatch)
    // A time that was read before the fakes came is void.
    if (isFaked || isJumpy) this.#left = 0
    this.#isTelling = !isJumpy
    const isDateRead = isFaked && !isJumpy && isFake(Date)
    const reading = Math.floor(isDateRead ? Date.now() : stopwatch.now())
    if (isDateRead === this.#isDateRead) return this.#time.at(reading)
    this.#isDateRead = isDateRead
    return this.#time.leap(reading)
  }

  #isFakePerformance(stopwatch: typeof performance): boolean {
    if (isFake(stopwatch)) return true
    this.#performance = stopwatch
    return false
  }

  /** Reads the time for the calls of the next millisecond; without reliable timers, for this call alone. */
  #tell(): number {
    this.#cached = this.now()
    this.#left = this.#isTelling && this.hasLastingTimers ? TOLD_BEFORE_READ : 0
    if (this.#left > 0 && this.#cached >= this.#tickDueAt) this.#tick()
    return this.#cached
  }

  /** An overdue timer is set again: it may be late, or lost. */
  #tick(): void {
    this.#stopTick()
    this.#tickDueAt = this.#cached + 1
    const timer = this.setTimeout(() => {
      this.#tickDueAt = Number.NEGATIVE_INFINITY
      this.#left = 0
    }, 1)
    this.#stopTick = () => this.clearTimeout(timer)
  }
}

/** Fakes of vitest, jest and sinon, which share one implementation, or mocks of older jest. */
function isFake(part: object): boolean {
  return 'clock' in part || '_isMockFunction' in part
}

/**
 * Timers of browsers and workers are numbers; those of Node, Bun and Deno are objects that would keep the process
 * alive.
 */
function isUnreferable(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function'
}

function unreferred(timer: unknown): unknown {
  if (isUnreferable(timer)) timer.unref()
  return timer
}

function noop(): void {}
