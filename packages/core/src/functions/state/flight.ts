import type { Keyed } from '../../flights/flight-table.ts'
import { Deadline } from '../../base/deadlines.ts'
import type { Entry } from './entry.ts'
import { TimeoutError } from '../../base/errors.ts'
import type { Settings } from './function-options.ts'
import { onAbort } from '../../base/abort-listeners.ts'
import type { SharedLease } from '../../fleet/shared-store.ts'

/** What a flight tells the table that started it, when it ends from outside. */
export interface FlightOwner<Value> {
  timedOut(flight: Flight<Value>): void
  /** The last of its callers has left. */
  abandoned(flight: Flight<Value>): void
}

/** What starts a flight. */
export interface FlightStart<Value> {
  readonly key: string
  readonly settings: Settings
  /** The stored value that the result is to replace. */
  readonly replaced: Entry<Value> | undefined
  readonly startedAt: number
  /** The count of tag invalidations at its start. */
  readonly tagMoment: number
  /** What its first caller takes of the shared store: whatever is usable, what is fresh, or only what is made anew. */
  readonly requirement: FreshnessRequirement
}

export type FreshnessRequirement = 'usable' | 'fresh' | 'new'

/** One run of the work for a key, and the promise that all its callers share. It settles once; what comes later is discarded. */
export class Flight<Value> extends Deadline implements Keyed {
  readonly key: string
  readonly settings: Settings
  /** What the result is to replace: also found in the shared store, once the flight is under way. */
  replaced: Entry<Value> | undefined
  /** When its work began. */
  startedAt: number
  readonly tagMoment: number
  readonly requirement: FreshnessRequirement
  readonly promise: Promise<Value>
  isCurrent = false
  /** The right to do the work for all processes; without it the result is this process's own. */
  lease: SharedLease | undefined
  /** Bound on the ttl of a result that the fleet does not vouch for, milliseconds. */
  maxTtl: number = Number.POSITIVE_INFINITY
  isSettled = false
  /** What its result bears, those that the fetch set included. */
  tags: readonly string[]
  readonly #owner: FlightOwner<Value>
  /** Those who take a stale value rather than wait on. */
  #content: ((stale: Entry<Value>) => void)[] | undefined
  #resolve: (value: Value) => void = noop
  #reject: (reason: unknown) => void = noop
  #controller: AbortController | undefined
  /** Why the flight was ended from outside, for a signal that is first read after that. */
  #endedBy: { readonly reason: unknown } | undefined
  /** Callers that may still leave. */
  #leavers = 0
  /** Held by a caller without a signal, or by the cache itself: nobody's leaving ends it. */
  #isHeld = false

  constructor(departure: FlightStart<Value>, owner: FlightOwner<Value>) {
    const { key, settings, replaced, startedAt, tagMoment, requirement } = departure
    super()
    this.key = key
    this.settings = settings
    this.tags = settings.tags
    this.replaced = replaced
    this.startedAt = startedAt
    this.tagMoment = tagMoment
    this.requirement = requirement
    this.#owner = owner
    this.promise = new Promise<Value>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Its table and its time limit count from the same moment: one number for both, as each takes 24 bytes. */
  get overdueAt(): number {
    return this.dueAt
  }

  set overdueAt(moment: number) {
    this.dueAt = moment
  }

  /** Aborts when the flight is ended from outside. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#endedBy !== undefined) this.#controller.abort(this.#endedBy.reason)
    }
    return this.#controller.signal
  }

  resolve(value: Value): void {
    this.isSettled = true
    this.#resolve(value)
  }

  reject(reason: unknown): void {
    this.isSettled = true
    this.#reject(reason)
  }

  override expire(): void {
    if (this.isSettled) return
    const error = new TimeoutError(this.key, this.settings.timeout)
    this.#end(error, () => this.#owner.timedOut(this))
  }

  /** Whether whoever comes now may have its promise without further thought. */
  isOpen(now: number, tagMoment: number): boolean {
    return now < this.overdueAt && tagMoment === this.tagMoment
  }

  /** A caller stays to the end: nobody's leaving ends the flight any more. */
  hold(): void {
    this.#isHeld = true
  }

  /** Keeps the flight going on behalf of the cache; its failure is nobody's unhandled rejection. */
  holdInBackground(): void {
    this.#isHeld = true
    this.promise.catch(noop)
  }

  /** Calls back once a stale value was found in the shared store that may be given while the work goes on. */
  whenStale(take: (stale: Entry<Value>) => void): void {
    this.#content ??= []
    this.#content.push(take)
  }

  /** A stale value may be given while the work goes on behind it. */
  offer(stale: Entry<Value>): void {
    this.holdInBackground()
    for (const take of this.#content?.splice(0) ?? []) take(stale)
  }

  /** A promise of its own for a caller that may leave, which otherwise settles as `shared` does. */
  joinUntil<T>(signal: AbortSignal, shared: Promise<T>): Promise<T> {
    this.#leavers += 1
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason)
        this.#leavers -= 1
        if (this.#leavers === 0 && !this.#isHeld) this.#desert(signal.reason)
      }
      shared.then(resolve, reject)
      if (signal.aborted) return leave()
      const stay = onAbort(signal, leave)
      shared.then(stay, stay)
    })
  }

  #desert(reason: unknown): void {
    if (this.isSettled) return
    this.#end(reason, () => this.#owner.abandoned(this))
  }

  /** Settled first: a caller that a listener makes leave gives all others no reason any more. */
  #end(reason: unknown, tell: () => void): void {
    this.#endedBy = { reason }
    this.reject(reason)
    tell()
    this.#controller?.abort(reason)
  }
}

function noop(): void {}
