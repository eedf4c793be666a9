import type { FlightTable } from '../../flights/flight-table.ts'
import type { HttpFlight, Landing } from './http-flight.ts'
import { variantOf } from '../request/keyed-request.ts'
import type { StoredResponse } from '../response/stored-response.ts'

/** A follower is to ask anew. */
const AGAIN: Landing = { kind: 'again' }

/** Which requests an answer is for, and when it came. */
export interface Landed {
  readonly vary: readonly string[]
  readonly variant: string
  readonly now: number
}

/** Gives an answer to all who waited for it: but for those of another variant, and who came after it was invalidated. */
export function landAll(flight: HttpFlight, response: StoredResponse, { vary, variant, now }: Landed): void {
  for (const follower of flight.release()) {
    const isOutdated = follower.missed.some(mark => response.marks.includes(mark))
    const isSame = !isOutdated && variantOf(follower.request, vary) === variant
    follower.land(isSame ? { kind: 'replay', response: response.replayFor(follower.request.view, now) } : AGAIN)
  }
}

/** Something was learned that makes it another question: whoever waited asks anew. */
export function askAgain(flights: FlightTable<HttpFlight>, flight: HttpFlight): void {
  flights.leave(flight)
  for (const follower of flight.release()) follower.land(AGAIN)
}
