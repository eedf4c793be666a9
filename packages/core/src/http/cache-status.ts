import { appending, replacing } from './headers.ts'
import type { HttpPolicy } from './http-policy.ts'
import type { Outcome, ReplayedHeader } from './types.ts'

/** An outcome with the headers that tell it. */
export function outcomeOf(policy: HttpPolicy, outcome: Omit<Outcome, 'headers'>, ttlMs?: number): Outcome {
  const headers: ReplayedHeader[] = []
  if (policy.cacheStatus !== false)
    headers.push(appending('cache-status', cacheStatus(policy.cacheStatus, outcome, ttlMs)))
  if (policy.xCache) headers.push(replacing('x-cache', outcome.kind.toUpperCase()))
  return { ...outcome, headers }
}

/** What is given in the place of a failure (RFC 5861 s4). */
export function fallbackOutcome(policy: HttpPolicy): Outcome {
  return outcomeOf(policy, { kind: 'stale', forward: 'stale', detail: 'stale-if-error' })
}

/** One member of the Cache-Status list (RFC 9211 s2). */
function cacheStatus(name: string, outcome: Omit<Outcome, 'headers'>, ttlMs: number | undefined): string {
  const parameters = [name]
  // RFC 9211 s2.1: a hit did not go forward, be it stale.
  parameters.push(outcome.forward === undefined ? 'hit' : `fwd=${outcome.forward}`)
  if (outcome.forwardStatus !== undefined) parameters.push(`fwd-status=${outcome.forwardStatus}`)
  if (outcome.kind === 'collapsed') parameters.push('collapsed')
  if (ttlMs !== undefined) parameters.push(`ttl=${Math.max(-MAX_TTL, Math.floor(Math.min(ttlMs / 1000, MAX_TTL)))}`)
  if (outcome.detail !== undefined) parameters.push(`detail=${worded(outcome.detail)}`)
  return parameters.join('; ')
}

/** RFC 9651 s3.3.3, s3.3.4: the name of a field, as a token or, where its first character is none of a token's, as a string. */
function worded(detail: string): string {
  return /^[a-z*]/i.test(detail) ? detail : `"${detail}"`
}

/** The largest integer that a Structured Field takes (RFC 9651 s3.3.1). */
const MAX_TTL = 999_999_999_999_999
