import { Monotonic } from './monotonic.ts'

type SetTimeout = (callback: () => void, ms: number) => unknown
type ClearTimeout = (timer: unknown) => void

/** How often the time may be told without being read again while the event loop does not turn. */
const TOLD_BEFORE_READ = 256

/** A timer of fakes, which is gone without a word where they are cleared or uninstalled. */
class BorrowedTimer {
  readonly callback: () => void
  readonly dueAt: number
  /** What it was set with, and how to take it back. */
  setWith: SetTimeout | undefined
  take: () => void = noop

  constructor(callback: () => void, dueAt: number) {
    this.callback = callback
    this.dueAt = dueAt
  }
}

/**
 * The runtime's own clock, in whole milliseconds: they take half the memory of fractions. Fake timers may take the place of the
 * runtime's at any moment, and leave it again. Under them each wait has a timer of its own, as on Workers; whatever
 * reads the time compares, and sets those anew that were lost.
 */
export class RuntimeClock {
  readonly #time = new Monotonic()
  #told = 0
  #left = 0
  /** Whether the time goes on by itself alone, and may be told for a while. */
  #isTelling = true
  #tickDueAt = Number.NEGATIVE_INFINITY
  #stopTick: () => void = noop
  /** The runtime's own `setTimeout`, where its timers last: any other that stands in its place is a fake. */
  #lasting: SetTimeout | undefined
  /** One that turned out to make no timers that last. */
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
      if (this.#left >= 0) return this.#told
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
    // Fakes complain of timers that are not theirs.
    this.#clear = clearTimeout as ClearTimeout
    this.#clear(timer)
    if (isUnreferable(timer)) this.#lasting = tried
    else this.#passing = tried
    return isUnreferable(timer)
  }

  /** Workers have no fakes: a timer of theirs must not be set again by another request. */
  get hasFakeTimers(): boolean {
    return !this.hasLastingTimers && (this.#lasting !== undefined || isFake(setTimeout))
  }

  /** Sets those timers anew that were lost with the fakes that made them, or should have come by now. */
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
        // Fakes may have no way to take it back: then it comes all the same.
        if (timer.take === take && this.#borrowed.delete(timer)) timer.callback()
      }, ms),
    )
    const take = (): void => clear(set)
    timer.take = take
  }

  /** Fakes of timers and `Date` that leave `performance` alone move `Date` only; else the wall clock counts for nothing. */
  #read(): number {
    const isFaked = setTimeout !== this.#lasting && this.hasFakeTimers
    const stopwatch = performance
    const isJumpy = stopwatch !== this.#performance && this.#isFakePerformance(stopwatch)
    // What was told before the fakes came holds no more.
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

  /** Reads the time for the calls of the next millisecond; without timers to rely on, for this one alone. */
  #tell(): number {
    this.#told = this.now()
    this.#left = this.#isTelling && this.hasLastingTimers ? TOLD_BEFORE_READ : 0
    if (this.#left > 0 && this.#told >= this.#tickDueAt) this.#tick()
    return this.#told
  }

  /** One that is overdue is set again: it may be late, or lost. */
  #tick(): void {
    this.#stopTick()
    this.#tickDueAt = this.#told + 1
    const timer = this.setTimeout(() => {
      this.#tickDueAt = Number.NEGATIVE_INFINITY
      this.#left = 0
    }, 1)
    this.#stopTick = () => this.clearTimeout(timer)
  }
}

/** Of vitest, jest and sinon, which all have the same, or mocks of the older jest. */
function isFake(part: object): boolean {
  return 'clock' in part || '_isMockFunction' in part
}

/** Browsers and workers count timers; Node, Bun and Deno have objects that would keep the process alive. */
function isUnreferable(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function'
}

function unreferred(timer: unknown): unknown {
  if (isUnreferable(timer)) timer.unref()
  return timer
}

function noop(): void {}
