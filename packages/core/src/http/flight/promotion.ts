import type { Freshness } from '../rfc/freshness.ts'
import type { HttpFlight } from './http-flight.ts'
import type { HttpState } from './http-state.ts'
import type { SettledLease } from './lease-owner.ts'

/** Whether nobody has run the handler for these requests before. */
export function isFirstTry(flight: HttpFlight): boolean {
  return !flight.isSolo && !flight.isSecond
}

/**
 * A second opinion: the oldest follower runs the handler once more, where the answer may be the first request's own
 * fault. Returns false where nobody waits, or this was the second try.
 */
export function asksAnother(state: HttpState, lease: SettledLease): boolean {
  const { flight } = lease
  if (!isFirstTry(flight) || !flight.hasFollowers) return false
  state.flights.leave(flight)
  return promotes(state, lease, true)
}

/** Whether a doubtful failure is left to another request of this process; else to those of other processes. */
export function isTriedAgain(state: HttpState, lease: SettledLease, freshness: Freshness | undefined): boolean {
  if (freshness?.isDoubtful !== true) return false
  if (asksAnother(state, lease)) return true
  if (isFirstTry(lease.flight) && lease.flight.replaces === undefined) passOn(lease.flight)
  return false
}

/** Has the oldest follower lead the key's next flight. Returns whether there is one. */
export function promotes(state: HttpState, { request, flight }: SettledLease, isSecond: boolean): boolean {
  const promoted = flight.promote(request.view.method)
  if (promoted === undefined) return false
  promoted.flight.isSecond = isSecond
  state.emit({ type: 'promote', target: request.view.target })
  state.place(promoted.leader.request, promoted.flight)
  promoted.leader.settle({ kind: 'lead', flight: promoted.flight })
  return true
}

/** Other processes run the handler for themselves. */
export function passOn(flight: HttpFlight): void {
  flight.lease?.pass(0, 'process')
  flight.lease = undefined
}
