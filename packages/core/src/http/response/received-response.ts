import type { Clock } from '../../base/clock.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import { replayedHeaders } from './snapshot.ts'
import type { HeaderLines, OriginResponse, ReplayedHeader } from '../contract/contract.ts'

/** An answer, and when it arrived. */
export interface ReceivedResponse {
  readonly origin: { readonly status: number; readonly headers: HeaderLines }
  /** The headers of the origin that are replayed. */
  readonly headers: readonly ReplayedHeader[]
  /** When its head arrived: ages and lifetimes count from then (RFC 9111 s4.2.3). */
  readonly now: number
  /** The wall clock at that moment, milliseconds. */
  readonly wallNow: number
}

/** The answer that the handler just gave. */
export function receive(origin: OriginResponse, { omitHeaders }: HttpPolicy, clock: Clock): ReceivedResponse {
  const at = new Date()
  const headers = replayedHeaders(origin, omitHeaders, at)
  return { origin, headers, now: clock.now(), wallNow: at.getTime() }
}
