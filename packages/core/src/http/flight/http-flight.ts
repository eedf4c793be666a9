import { after, type FullClock } from '../../base/clock.ts'
import type { Keyed } from '../../flights/flight-table.ts'
import type { SharedLease } from '../../fleet/shared-store.ts'
import type { KeyedRequest } from '../request/keyed-request.ts'
import type { StoredResponse } from '../response/stored-response.ts'
import type { Outcome, ReplayedResponse } from '../contract/contract.ts'

/** What a follower gets in the end; it may also fail with the handler's error. */
export type FollowerOutcome =
  | { readonly kind: 'replay'; readonly response: ReplayedResponse }
  /** The handler failed, and this response may still be served. */
  | { readonly kind: 'fallback'; readonly stored: StoredResponse }
  /** The leader gave up, and this follower is the next leader. */
  | { readonly kind: 'lead'; readonly flight: HttpFlight }
  /** The answer is of another variant, or there is none: ask again. */
  | { readonly kind: 'again' }
  /** The answer cannot be shared, or the wait was too long: run alone. */
  | { readonly kind: 'alone'; readonly reason: string }

/** A request that waits for the answer of another. */
export interface Follower {
  readonly request: KeyedRequest
  /** The tags that were invalidated after the flight began, before this request arrived. */
  readonly missed: readonly string[]
  settle(landing: FollowerOutcome): void
  fail(error: unknown): void
}

/** The followers of a key. They move from an abandoned flight to the next one. */
interface Waiting {
  readonly followers: Set<Follower>
  /** Called when one of them stops waiting. */
  onLeft: () => void
}

/** The parameters of a flight. */
export interface FlightStart {
  readonly key: string
  /** The leader's conditional headers, if the handler sees them; otherwise ''. */
  readonly conditions: string
  /** Why its leader is forwarded. */
  readonly forward: Forward
  readonly isSolo?: boolean
  readonly replaces?: StoredResponse | undefined
}

type Forward = NonNullable<Outcome['forward']>

/** One run of a handler, and the requests that wait for it, in order of arrival. */
export class HttpFlight implements Keyed {
  /** Changes if the answer shows which headers the key varies on. */
  key: string
  overdueAt: number = Number.POSITIVE_INFINITY
  isCurrent = false
  /** The answer while its body streams: new requests join it at once. */
  streaming: StoredResponse | undefined
  /** The end of the commit to the shared store. Requests that join until then get the response that will be stored. */
  publishing: Promise<void> | undefined
  /** The number of invalidations at its start, and the tags of its answer, as far as known. */
  moment = 0
  tags: readonly string[] = []
  /** The lease of the fleet; without it, the answer stays in this process. */
  lease: SharedLease | undefined
  /** The identity of the leading request. */
  leader: object | undefined
  /** Whether a second request runs the handler, because the first may have caused the failure itself. */
  isSecond = false
  /** The key of the lease in the shared store. */
  sharedKey = ''
  /** Maximum lifetime of an answer that is not in the store, milliseconds. */
  maxTtl: number = Number.POSITIVE_INFINITY
  /** A request that runs in parallel to others: no request joins it, and its answer is not stored. */
  readonly isSolo: boolean
  readonly conditions: string
  readonly forward: Forward
  /** The stale response that the answer will replace. */
  readonly replaces: StoredResponse | undefined
  readonly #waiting: Waiting
  #stopTimer: () => void = () => {}

  constructor({ key, conditions, forward, isSolo = false, replaces }: FlightStart, waiting: Waiting = nobody()) {
    this.key = key
    this.isSolo = isSolo
    this.conditions = conditions
    this.forward = forward
    this.replaces = replaces
    this.#waiting = waiting
  }

  /** Whether the request would wait for itself. */
  isLedBy({ view }: KeyedRequest): boolean {
    return this.leader !== undefined && this.leader === view.message
  }

  get hasFollowers(): boolean {
    return this.#waiting.followers.size > 0
  }

  /**
   * Waits for the outcome, at most until the request's own time limit; then `onDeadline` is called, and the request
   * runs alone.
   */
  follow(
    request: KeyedRequest,
    clock: FullClock,
    missed: readonly string[],
    onDeadline: () => void,
  ): Promise<FollowerOutcome> {
    const left = Math.max(0, request.arrivedAt + request.policy.waitTimeout - clock.now())
    return new Promise<FollowerOutcome>((resolve, reject) => {
      const waiting = this.#waiting
      const stopTimer = after(clock, left, () => {
        if (!waiting.followers.delete(follower)) return
        onDeadline()
        waiting.onLeft()
        resolve({ kind: 'alone', reason: 'deadline' })
      })
      const follower: Follower = {
        request,
        missed,
        settle(landing) {
          stopTimer()
          resolve(landing)
        },
        fail(error) {
          stopTimer()
          reject(error)
        },
      }
      waiting.followers.add(follower)
    })
  }

  /** Calls `onTimeout` after `ms`, unless the flight has ended by then, and `onLeft` when a follower stops waiting. */
  limit(clock: FullClock, ms: number, onTimeout: () => void, onLeft: () => void): void {
    this.#stopTimer = after(clock, ms, onTimeout)
    this.#waiting.onLeft = onLeft
  }

  /** Cancels that. */
  stopLimit(): void {
    this.#stopTimer()
    this.#waiting.onLeft = () => {}
  }

  /** Adds tags to its answer. */
  addTags(tags: readonly string[]): void {
    if (tags.length > 0) this.tags = [...new Set([...this.tags, ...tags])]
  }

  /** Ends the flight. Returns its followers, which no longer wait. */
  release(): Follower[] {
    this.#stopTimer()
    const released = [...this.#waiting.followers]
    this.#waiting.followers.clear()
    return released
  }

  /**
   * Ends the flight, and starts the next one of the key. Its leader is the oldest connected follower with the same
   * method (a HEAD has no body for a GET); all others follow it. `undefined` if there is none.
   */
  promote(method: string): { readonly flight: HttpFlight; readonly leader: Follower } | undefined {
    this.#stopTimer()
    for (const leader of this.#waiting.followers) {
      const { view } = leader.request
      if (view.method !== method || view.isGone()) continue
      this.#waiting.followers.delete(leader)
      return { leader, flight: this.#next() }
    }
    return undefined
  }

  #next(): HttpFlight {
    const next = new HttpFlight(this, this.#waiting)
    const { lease, sharedKey, maxTtl } = this
    return Object.assign(next, { lease, sharedKey, maxTtl })
  }
}

function nobody(): Waiting {
  return { followers: new Set(), onLeft: () => {} }
}
