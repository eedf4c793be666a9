import { after, type FullClock } from '../../base/clock.ts'
import type { Keyed } from '../../flights/flight-table.ts'
import type { SharedLease } from '../../fleet/shared-store.ts'
import type { KeyedRequest } from '../request/keyed-request.ts'
import type { StoredResponse } from '../response/stored-response.ts'
import type { Outcome, ReplayedResponse } from '../contract/contract.ts'

/** What a follower gets in the end; it may also fail with the handler's own error. */
export type FollowerOutcome =
  | { readonly kind: 'replay'; readonly response: ReplayedResponse }
  /** The handler failed, and this is what is still there. */
  | { readonly kind: 'fallback'; readonly stored: StoredResponse }
  /** The leader gave up, and this follower is the next one. */
  | { readonly kind: 'lead'; readonly flight: HttpFlight }
  /** The answer turned out to be for another variant, or there is none: ask anew. */
  | { readonly kind: 'again' }
  /** There is nothing to share, or the wait was too long: run alone. */
  | { readonly kind: 'alone'; readonly reason: string }

/** A request that waits for another's answer. */
export interface Follower {
  readonly request: KeyedRequest
  /** What was invalidated, while the flight was under way, before this one came. */
  readonly missed: readonly string[]
  settle(landing: FollowerOutcome): void
  fail(error: unknown): void
}

/** Those who wait for a key's answer; they pass from a flight that was given up to the next one. */
interface Waiting {
  readonly followers: Set<Follower>
  /** Called when one of them waits no more. */
  onLeft: () => void
}

/** What starts a flight. */
export interface FlightStart {
  readonly key: string
  /** The conditional headers that the handler sees of its leader; '' where it sees none. */
  readonly conditions: string
  /** Why its leader goes forward. */
  readonly forward: Forward
  readonly isSolo?: boolean
  readonly replaces?: StoredResponse | undefined
}

type Forward = NonNullable<Outcome['forward']>

/** One run of a handler, and the requests that wait for it, in the order in which they came. */
export class HttpFlight implements Keyed {
  /** Another one where the answer teaches what the key varies on. */
  key: string
  overdueAt: number = Number.POSITIVE_INFINITY
  isCurrent = false
  /** The answer while its body is on its way: who joins now has it at once. */
  streaming: StoredResponse | undefined
  /** While the fleet is told of its answer: the end of that. Who joins until then has what will be stored. */
  publishing: Promise<void> | undefined
  /** When it began, among the invalidations; and what its answer is found by, as far as that is known. */
  moment = 0
  tags: readonly string[] = []
  /** The right to answer for all processes; without it the answer is this process's own. */
  lease: SharedLease | undefined
  /** What the request that leads it is known by. */
  leader: object | undefined
  /** Whether another request has run the handler before, and its answer may have been its own fault. */
  isSecond = false
  /** The key by which the fleet was asked. */
  sharedKey = ''
  /** Bound on the lifetime of an answer that the fleet does not vouch for, milliseconds. */
  maxTtl: number = Number.POSITIVE_INFINITY
  /** Joined by nobody, stored by nobody: a request that runs beside the others. */
  readonly isSolo: boolean
  readonly conditions: string
  readonly forward: Forward
  /** What is stored, and stale, which the answer is to replace. */
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

  /** Whether a request would wait for itself. */
  isLedBy({ view }: KeyedRequest): boolean {
    return this.leader !== undefined && this.leader === view.message
  }

  get hasFollowers(): boolean {
    return this.#waiting.followers.size > 0
  }

  /** Waits for the landing, at most until the request's own deadline; then `onDeadline` is called and it runs alone. */
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

  /** Calls `onTimeout` after `ms`, unless the flight has ended by then, and `onLeft` when a follower waits no more. */
  limit(clock: FullClock, ms: number, onTimeout: () => void, onLeft: () => void): void {
    this.#stopTimer = after(clock, ms, onTimeout)
    this.#waiting.onLeft = onLeft
  }

  /** Takes that back. */
  stopLimit(): void {
    this.#stopTimer()
    this.#waiting.onLeft = () => {}
  }

  /** Its answer turns out to be found by these tags too. */
  addTags(tags: readonly string[]): void {
    if (tags.length > 0) this.tags = [...new Set([...this.tags, ...tags])]
  }

  /** Ends the flight: all who wait, who then wait no more. */
  release(): Follower[] {
    this.#stopTimer()
    const released = [...this.#waiting.followers]
    this.#waiting.followers.clear()
    return released
  }

  /**
   * Ends the flight, and starts the key's next one: led by the oldest follower with the same method (a HEAD has no
   * body to give to a GET) whose client is still there, joined by all the others. `undefined` if there is none.
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
