import { outcomeOf } from '../response/cache-status.ts'
import { OF_THE_BODY } from '../rfc/conditional.ts'
import { isForOne, restoring } from '../response/snapshot.ts'
import type { SettledLease } from './lease-owner.ts'
import type { Body, OriginResponse, ReplayedHeader, ReplayDecision } from '../contract/contract.ts'

/** A response for the leader in place of the handler's answer, on a reply that already has that answer. */
export function onReply(decision: ReplayDecision, first: readonly ReplayedHeader[]): ReplayDecision {
  return { ...decision, response: { ...decision.response, headers: [...first, ...decision.response.headers] } }
}

/** The stored response in place of a 304. Headers for this client alone remain on the reply. */
export function inPlaceOf304(
  decision: ReplayDecision,
  origin: OriginResponse,
  omitHeaders: readonly string[],
): ReplayDecision {
  const taken = restoring(origin.headers, origin.before).filter(({ name }) => !isForOne(name, omitHeaders))
  return onReply(decision, taken)
}

/** The 304 that the leader requested, made from the complete answer (RFC 9110 s15.4.5). */
export function notModified({ request, flight }: SettledLease, { headers }: OriginResponse): ReplayDecision {
  const dropped = [...headers.keys()].filter(name => OF_THE_BODY.has(name) || name === 'content-length')
  return {
    kind: 'replay',
    response: {
      status: 304,
      headers: dropped.map(name => ({ name, value: [], append: false })),
      body: null,
      byteLength: 0,
    },
    outcome: outcomeOf(request.policy, { kind: 'miss', forward: flight.forward }),
  }
}

/** A body that is not sent is not read either. */
export function cancel(body: Body): void {
  if (body !== null && typeof body === 'object' && 'chunks' in body) body.cancel()
}
