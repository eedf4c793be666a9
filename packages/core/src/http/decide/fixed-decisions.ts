import { outcomeOf, SILENT } from '../response/cache-status.ts'
import type { KeyedRequest } from '../request/keyed-request.ts'
import type { Decision } from '../contract/contract.ts'

/** That of a request that comes again, behind itself: all has been said of it. */
export const REENTRANT: Decision = { kind: 'bypass', outcome: SILENT, answered: undefined }

/** What a request that takes only what is stored gets where nothing is (RFC 9111 s5.2.1.7). */
export function unavailable({ policy }: KeyedRequest): Decision {
  const outcome = outcomeOf(policy, { kind: 'miss', forward: 'request', detail: 'only-if-cached' })
  return { kind: 'replay', response: { status: 504, headers: [], body: '', byteLength: 0 }, outcome }
}
