import type { FlightTable } from '../../flights/flight-table.ts'
import type { HttpFlight, FollowerOutcome } from './http-flight.ts'
import { variantOf } from '../request/keyed-request.ts'
import type { StoredResponse } from '../response/stored-response.ts'

/** A follower must ask again. */
const RETRY: FollowerOutcome = { kind: 'again' }

/** The variant of an answer, and when it arrived. */
export interface ResolvedVariant {
  readonly vary: readonly string[]
  readonly variant: string
  readonly now: number
}

/**
 * Sends an answer to all followers, except those of another variant, and those that arrived after it was invalidated.
 */
export function releaseFollowers(
  flight: HttpFlight,
  response: StoredResponse,
  { vary, variant, now }: ResolvedVariant,
): void {
  for (const follower of flight.release()) {
    const isOutdated = follower.missed.some(tag => response.tags.includes(tag))
    const isSame = !isOutdated && variantOf(follower.request, vary) === variant
    follower.settle(isSame ? { kind: 'replay', response: response.replayFor(follower.request.view, now) } : RETRY)
  }
}

/** Something was learned that changes the key: all followers ask again. */
export function retryFollowers(flights: FlightTable<HttpFlight>, flight: HttpFlight): void {
  flights.leave(flight)
  for (const follower of flight.release()) follower.settle(RETRY)
}
