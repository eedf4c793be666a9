import { after, type FullClock, timeOr } from './clock.ts'

/** Anything with a time limit. Only the table uses the links. */
export abstract class Deadline {
  dueAt: number = Number.POSITIVE_INFINITY
  line: Line | undefined = undefined
  earlier: Deadline | undefined = undefined
  later: Deadline | undefined = undefined
  /** Cancels a timer of its own, on runtimes where timers cannot be shared. */
  stopTimer: (() => void) | undefined = undefined

  /** Called when the time is up. */
  abstract expire(): void
}

/** Items with the same limit. They end in the order in which they began. */
interface Line {
  readonly limit: number
  /** When its timer is due. */
  timedFor: number
  first: Deadline | undefined
  last: Deadline | undefined
  stopTimer: () => void
}

/** A timer that is this late, milliseconds, counts as lost. */
const LOST_AFTER = 100

/**
 * Time limits of work in progress. Items with the same limit share one timer: one timer each would cost more than the
 * rest of a call.
 */
export class Deadlines {
  readonly #clock: FullClock
  readonly #lines = new Map<number, Line>()
  #isClosing = false

  constructor(clock: FullClock) {
    this.#clock = clock
  }

  /** Calls `expire` after `limit` milliseconds, unless it is stopped first. */
  start(deadline: Deadline, now: number, limit: number): void {
    deadline.dueAt = now + limit
    if (!this.#clock.hasLastingTimers) {
      deadline.stopTimer = after(this.#clock, limit, () => deadline.expire())
      return
    }
    const line = this.#lineOf(limit, now)
    deadline.line = line
    deadline.earlier = line.last
    if (line.last === undefined) line.first = deadline
    else line.last.later = deadline
    line.last = deadline
  }

  /** Another caller waits for it: a fake timer, which may have been cleared, is set again. */
  renew(deadline: Deadline, now: number): void {
    if (deadline.stopTimer === undefined || !this.#clock.hasFakeTimers) return
    deadline.stopTimer()
    deadline.stopTimer = after(this.#clock, Math.max(0, deadline.dueAt - now), () => deadline.expire())
  }

  stop(deadline: Deadline): void {
    deadline.stopTimer?.()
    deadline.stopTimer = undefined
    const { line, earlier, later } = deadline
    if (line === undefined) return
    deadline.line = undefined
    deadline.earlier = undefined
    deadline.later = undefined
    if (earlier === undefined) line.first = later
    else earlier.later = later
    if (later === undefined) line.last = earlier
    else later.earlier = earlier
    if (this.#isClosing) this.#stopIdle(line)
  }

  /** Items in progress still end in time; after that no timer is kept. */
  stopWhenIdle(): void {
    this.#isClosing = true
    for (const line of this.#lines.values()) this.#stopIdle(line)
  }

  #stopIdle(line: Line): void {
    if (line.first !== undefined) return
    line.stopTimer()
    this.#lines.delete(line.limit)
  }

  #lineOf(limit: number, now: number): Line {
    const present = this.#lines.get(limit)
    if (present !== undefined) {
      if (now > present.timedFor + LOST_AFTER) this.#timeAgain(present, now)
      return present
    }
    const line: Line = { limit, timedFor: now, first: undefined, last: undefined, stopTimer: () => {} }
    this.#time(line, now, limit)
    this.#lines.set(limit, line)
    return line
  }

  /**
   * The timer of a line is set for its first item, so that a stream of new items cannot postpone it. It is not
   * cancelled when the line empties, because the next item would only set it again.
   */
  #time(line: Line, now: number, ms: number): void {
    line.timedFor = now + ms
    line.stopTimer = after(this.#clock, ms, () => this.#expire(line))
  }

  #timeAgain(line: Line, now: number): void {
    line.stopTimer()
    this.#time(line, now, line.first === undefined ? line.limit : Math.max(1, line.first.dueAt - now))
  }

  #expire(line: Line): void {
    const now = timeOr(line.timedFor, this.#clock)
    for (let due = line.first; due !== undefined && due.dueAt <= now; due = line.first) {
      this.stop(due)
      due.expire()
    }
    if (line.first === undefined) this.#lines.delete(line.limit)
    else this.#timeAgain(line, now)
  }
}
