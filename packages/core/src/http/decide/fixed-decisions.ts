import { outcomeOf, SILENT } from '../response/cache-status.ts'
import type { KeyedRequest } from '../request/keyed-request.ts'
import type { Decision } from '../contract/contract.ts'

/** For a request that enters again, behind itself: its first decision has set all headers. */
export const REENTRANT: Decision = { kind: 'bypass', outcome: SILENT, answered: undefined }

/** For a request that accepts only a stored response, without one (RFC 9111 s5.2.1.7). */
export function unavailable({ policy }: KeyedRequest): Decision {
  const outcome = outcomeOf(policy, { kind: 'miss', forward: 'request', detail: 'only-if-cached' })
  return { kind: 'replay', response: { status: 504, headers: [], body: '', byteLength: 0 }, outcome }
}
