import type { Clock } from '../../base/clock.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import { replayedHeaders } from './snapshot.ts'
import type { HeaderLines, OriginResponse, ReplayedHeader } from '../contract/contract.ts'

/** An answer as it came, and when. */
export interface ReceivedResponse {
  readonly origin: { readonly status: number; readonly headers: HeaderLines }
  /** Those of the origin's headers that are replayed. */
  readonly headers: readonly ReplayedHeader[]
  /** When its head was there: ages and lifetimes count from then (RFC 9111 s4.2.3). */
  readonly now: number
  /** The wall clock at that moment, milliseconds. */
  readonly wallNow: number
}

/** What the handler answered a moment ago. */
export function receive(origin: OriginResponse, { omitHeaders }: HttpPolicy, clock: Clock): ReceivedResponse {
  const at = new Date()
  const headers = replayedHeaders(origin, omitHeaders, at)
  return { origin, headers, now: clock.now(), wallNow: at.getTime() }
}
