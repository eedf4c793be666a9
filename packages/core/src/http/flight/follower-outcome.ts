import type { FlightTable } from '../../flights/flight-table.ts'
import type { HttpFlight, FollowerOutcome } from './http-flight.ts'
import { variantOf } from '../request/keyed-request.ts'
import type { StoredResponse } from '../response/stored-response.ts'

/** A follower is to ask anew. */
const RETRY: FollowerOutcome = { kind: 'again' }

/** Which requests an answer is for, and when it came. */
export interface ResolvedVariant {
  readonly vary: readonly string[]
  readonly variant: string
  readonly now: number
}

/** Gives an answer to all who waited for it: but for those of another variant, and who came after it was invalidated. */
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

/** Something was learned that makes it another question: whoever waited asks anew. */
export function retryFollowers(flights: FlightTable<HttpFlight>, flight: HttpFlight): void {
  flights.leave(flight)
  for (const follower of flight.release()) follower.settle(RETRY)
}
