import { NO_HEADERS } from '../rfc/headers.ts'
import type { Freshness } from '../rfc/freshness.ts'
import type { HttpFlight } from './http-flight.ts'
import type { KeyedRequest } from '../request/keyed-request.ts'
import type { BodyMemory, SharedBody } from '../body/shared-body.ts'
import type { Verdict } from '../rfc/storable.ts'
import type { ErrorHead, HeaderLines, OriginResponse, ReplayDecision, WholeResponse } from '../contract/contract.ts'

/**
 * What a lease asks of, and tells, the table that gave it out. Each lease tells exactly one of `landed`, `declined`,
 * `fellBack`, `failed`, `astray` and `abandoned`, once.
 */
export interface LeaseOwner {
  readonly memory: BodyMemory
  judge(lease: SettledLease, origin: OriginResponse, headers: HeaderLines, bodyBytes: number | undefined): Verdict
  report(request: KeyedRequest, error: unknown): void
  /** What the leader gets of an answer that is not the handler's own. */
  replay(lease: SettledLease, origin: WholeResponse): ReplayDecision
  /** What is there in the place of an answer with this status, if that is a failure. */
  fallback(lease: SettledLease, status: number): ReplayDecision | undefined
  /** The body is whole, or on its way. */
  resolved(lease: SettledLease, origin: OriginResponse, body: ResolvedBody, freshness: Freshness): void
  declined(lease: SettledLease, reason: string): void
  /** What is shared with nobody may be stored to be revalidated. */
  keepForValidation(lease: SettledLease, origin: WholeResponse): void
  /** @param status of the failure: that of the handler's answer, or 500 */
  fellBack(lease: SettledLease, error: unknown, status: number): void
  /** @param failure what is known of the error's own answer. Default: status 500, without headers */
  failed(lease: SettledLease, error: unknown, failure?: Failure): void
  /** Stampede's own request found nothing, which says nothing of what is stored. */
  notFound(lease: SettledLease): void
  abandoned(lease: SettledLease): void
}

/** The answer that a framework makes of an error. */
export interface Failure extends ErrorHead {
  /** For how long it may be kept. */
  readonly freshness?: Freshness
}

export type ResolvedBody = Uint8Array | string | SharedBody | null

/** Whose lease it was. */
export interface SettledLease {
  readonly request: KeyedRequest
  readonly flight: HttpFlight
}

/** What is known of an error that no framework has answered yet. */
export const PLAIN_ERROR: ErrorHead = { status: 500, headers: NO_HEADERS }
