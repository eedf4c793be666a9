import type { Freshness } from '../rfc/freshness.ts'
import type { HttpFlight } from './http-flight.ts'
import type { HttpState } from './http-state.ts'
import type { SettledLease } from './lease-owner.ts'

/** Whether this is the first run of the handler for these requests. */
export function isFirstTry(flight: HttpFlight): boolean {
  return !flight.isSolo && !flight.isSecond
}

/**
 * A second opinion: the oldest follower runs the handler again, if the first request may have caused the answer
 * itself. Returns false without followers, or after the second run.
 */
export function asksAnother(state: HttpState, lease: SettledLease): boolean {
  const { flight } = lease
  if (!isFirstTry(flight) || !flight.hasFollowers) return false
  state.flights.leave(flight)
  return promotes(state, lease, true)
}

/** Whether another request of this process retries a doubtful failure; otherwise other processes do. */
export function isTriedAgain(state: HttpState, lease: SettledLease, freshness: Freshness | undefined): boolean {
  if (freshness?.isDoubtful !== true) return false
  if (asksAnother(state, lease)) return true
  if (isFirstTry(lease.flight) && lease.flight.replaces === undefined) passOn(lease.flight)
  return false
}

/** Makes the oldest follower the leader of the next flight. Returns whether there is one. */
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
