import type { Keyed } from '../../flights/flight-table.ts'
import { Deadline } from '../../base/deadlines.ts'
import type { Entry } from './entry.ts'
import { TimeoutError } from '../../base/errors.ts'
import type { Settings } from './function-options.ts'
import { onAbort } from '../../base/abort-listeners.ts'
import type { SharedLease } from '../../fleet/shared-store.ts'

/** Receives the ends of a flight that come from outside. */
export interface FlightOwner<Value> {
  timedOut(flight: Flight<Value>): void
  /** The last caller has aborted. */
  abandoned(flight: Flight<Value>): void
}

/** The parameters of a flight. */
export interface FlightStart<Value> {
  readonly key: string
  readonly settings: Settings
  /** The stored value that the result will replace. */
  readonly replaced: Entry<Value> | undefined
  readonly startedAt: number
  /** The number of tag invalidations at the start. */
  readonly tagMoment: number
  /** What the first caller accepts from the shared store: any usable value, a fresh one, or none. */
  readonly requirement: FreshnessRequirement
}

export type FreshnessRequirement = 'usable' | 'fresh' | 'new'

/**
 * One run of the work for a key, and the promise that all its callers share. It settles once; later results are
 * discarded.
 */
export class Flight<Value> extends Deadline implements Keyed {
  readonly key: string
  readonly settings: Settings
  /** The value that the result will replace; possibly found in the shared store after the start. */
  replaced: Entry<Value> | undefined
  /** When the work began. */
  startedAt: number
  readonly tagMoment: number
  readonly requirement: FreshnessRequirement
  readonly promise: Promise<Value>
  isCurrent = false
  /** The lease of the fleet; without it, the result stays in this process. */
  lease: SharedLease | undefined
  /** Maximum ttl of a result that is not in the store, milliseconds. */
  maxTtl: number = Number.POSITIVE_INFINITY
  isSettled = false
  /** The tags of the result, with those that the fetch set. */
  tags: readonly string[]
  readonly #owner: FlightOwner<Value>
  /** Callers that accept a stale value instead of waiting. */
  #content: ((stale: Entry<Value>) => void)[] | undefined
  #resolve: (value: Value) => void = noop
  #reject: (reason: unknown) => void = noop
  #controller: AbortController | undefined
  /** Why the flight was ended from outside, for a signal that is first read afterwards. */
  #endedBy: { readonly reason: unknown } | undefined
  /** Callers that may still abort. */
  #leavers = 0
  /** Held by a caller without a signal, or by the cache itself: no abort ends the flight. */
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

  /** The table and the time limit count from the same moment: one number for both, since each takes 24 bytes. */
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

  /** Whether a new caller may have the promise without further checks. */
  isOpen(now: number, tagMoment: number): boolean {
    return now < this.overdueAt && tagMoment === this.tagMoment
  }

  /** A caller stays to the end: no abort ends the flight any more. */
  hold(): void {
    this.#isHeld = true
  }

  /** Keeps the flight running for the cache; its failure must not be an unhandled rejection. */
  holdInBackground(): void {
    this.#isHeld = true
    this.promise.catch(noop)
  }

  /** Calls back when a stale value is found in the shared store that may be returned while the work continues. */
  whenStale(take: (stale: Entry<Value>) => void): void {
    this.#content ??= []
    this.#content.push(take)
  }

  /** A stale value may be returned while the work continues. */
  offer(stale: Entry<Value>): void {
    this.holdInBackground()
    for (const take of this.#content?.splice(0) ?? []) take(stale)
  }

  /** A promise for a caller that may abort; otherwise it settles as `shared` does. */
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

  /** Settled first: a caller that a listener aborts does not affect the others. */
  #end(reason: unknown, tell: () => void): void {
    this.#endedBy = { reason }
    this.reject(reason)
    tell()
    this.#controller?.abort(reason)
  }
}

function noop(): void {}
