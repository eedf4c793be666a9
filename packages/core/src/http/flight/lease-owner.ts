import { NO_HEADERS } from '../rfc/headers.ts'
import type { Freshness } from '../rfc/freshness.ts'
import type { HttpFlight } from './http-flight.ts'
import type { KeyedRequest } from '../request/keyed-request.ts'
import type { BodyMemory, SharedBody } from '../body/shared-body.ts'
import type { Verdict } from '../rfc/storable.ts'
import type { ErrorHead, HeaderLines, OriginResponse, ReplayDecision, WholeResponse } from '../contract/contract.ts'

/**
 * What a lease needs of the settlement. Each lease calls exactly one of `resolved`, `declined`, `fellBack`, `failed`,
 * `notFound` and `abandoned`, once.
 */
export interface LeaseOwner {
  readonly memory: BodyMemory
  judge(lease: SettledLease, origin: OriginResponse, headers: HeaderLines, bodyBytes: number | undefined): Verdict
  report(request: KeyedRequest, error: unknown): void
  /** The response for the leader, in place of the handler's answer. */
  replay(lease: SettledLease, origin: WholeResponse): ReplayDecision
  /** The stale response that may replace a failure with this status. */
  fallback(lease: SettledLease, status: number): ReplayDecision | undefined
  /** The body is complete, or streaming. */
  resolved(lease: SettledLease, origin: OriginResponse, body: ResolvedBody, freshness: Freshness): void
  declined(lease: SettledLease, reason: string): void
  /** Stores a response that is not shared, for revalidation. */
  keepForValidation(lease: SettledLease, origin: WholeResponse): void
  /** @param status of the failure: that of the handler's answer, or 500 */
  fellBack(lease: SettledLease, error: unknown, status: number): void
  /** @param failure the known part of the framework's answer to the error. Default: status 500, without headers */
  failed(lease: SettledLease, error: unknown, failure?: Failure): void
  /** Stampede's own request ended with not found, which does not concern the stored response. */
  notFound(lease: SettledLease): void
  abandoned(lease: SettledLease): void
}

/** The framework's answer to an error. */
export interface Failure extends ErrorHead {
  /** How long it may be stored. */
  readonly freshness?: Freshness
}

export type ResolvedBody = Uint8Array | string | SharedBody | null

/** The request and the flight of a lease. */
export interface SettledLease {
  readonly request: KeyedRequest
  readonly flight: HttpFlight
}

/** An error that no framework has answered yet. */
export const PLAIN_ERROR: ErrorHead = { status: 500, headers: NO_HEADERS }
