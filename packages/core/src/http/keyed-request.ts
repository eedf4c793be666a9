import type { HttpPolicy } from './http-policy.ts'
import { selectedBy } from './key.ts'
import type { ResponseHandle } from './response-handle.ts'
import type { RequestView } from './types.ts'

/** A request that takes part, with all that places it. */
export interface KeyedRequest {
  readonly view: RequestView
  readonly policy: HttpPolicy
  /** The primary key. */
  readonly key: string
  /** What its conditional headers add to its flight's key. */
  readonly conditions: string
  /** When it came, on Stampede's clock. */
  readonly arrivedAt: number
  /** What its handler says of its own answer. */
  readonly handle?: ResponseHandle | undefined
}

/** The key of the variant that a request selects among those of its primary key (RFC 9111 s4.1). */
export function variantOf(request: KeyedRequest, vary: readonly string[]): string {
  // The names stand in it too: the same values of other headers are another variant.
  return `${request.key} ${vary.join(',')} ${selectedBy(request.view, vary)}`
}

/** The key of a stored response: a HEAD's own answer is not a GET's. */
export function entryKey(method: string, variant: string): string {
  return `${method} ${variant}`
}

/** The key of a flight. Requests with other conditional headers may get another answer. */
export function flightKey(method: string, request: KeyedRequest, variant: string): string {
  return `${method} ${request.conditions} ${variant}`
}
