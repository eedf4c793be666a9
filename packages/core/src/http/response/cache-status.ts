import { appending, replacing } from '../rfc/headers.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import type { Outcome, ReplayedHeader } from '../contract/contract.ts'

/** An outcome, with the headers that state it. */
export function outcomeOf(policy: HttpPolicy, outcome: Omit<Outcome, 'headers'>, ttlMs?: number): Outcome {
  const headers: ReplayedHeader[] = []
  if (policy.cacheStatus !== false)
    headers.push(appending('cache-status', cacheStatus(policy.cacheStatus, outcome, ttlMs)))
  if (policy.xCache) headers.push(replacing('x-cache', outcome.kind.toUpperCase()))
  // The spread is last: V8 takes two microseconds for each property that is added after one.
  return { headers: Object.freeze(headers), ...outcome }
}

/**
 * The outcome of the hits of one response. It is the same for all hits of one second and one policy, and made once for
 * them.
 */
export class HitOutcome {
  #made: Outcome | undefined
  #policy: HttpPolicy | undefined
  #ttl = 0

  at(policy: HttpPolicy, ttlMs: number): Outcome {
    const ttl = seconds(ttlMs)
    if (this.#made === undefined || ttl !== this.#ttl || policy !== this.#policy) {
      this.#made = outcomeOf(policy, { kind: 'hit' }, ttlMs)
      this.#policy = policy
      this.#ttl = ttl
    }
    return this.#made
  }
}

/** The outcome of a request for which no header is set. */
export const SILENT: Outcome = { kind: 'bypass', headers: [] }

const bypasses = new WeakMap<HttpPolicy, Map<string, Outcome>>()

/** The outcome of a request that bypasses. Made once per policy and reason. */
export function bypassOutcome(policy: HttpPolicy, reason: string): Outcome {
  let made = bypasses.get(policy)
  if (made === undefined) {
    made = new Map()
    bypasses.set(policy, made)
  }
  let outcome = made.get(reason)
  if (outcome === undefined) {
    const forward =
      reason === 'method' ? ({ forward: 'method' } as const) : ({ forward: 'bypass', detail: reason } as const)
    outcome = outcomeOf(policy, { kind: 'bypass', ...forward })
    made.set(reason, outcome)
  }
  return outcome
}

/** The outcome of a response that is served in place of a failure (RFC 5861 s4). */
export function fallbackOutcome(policy: HttpPolicy): Outcome {
  return outcomeOf(policy, { kind: 'stale', forward: 'stale', detail: 'stale-if-error' })
}

/** One member of the Cache-Status list (RFC 9211 s2). */
function cacheStatus(name: string, outcome: Omit<Outcome, 'headers'>, ttlMs: number | undefined): string {
  const parameters = [name]
  // RFC 9211 s2.1: a hit was not forwarded, even if it is stale.
  parameters.push(outcome.forward === undefined ? 'hit' : `fwd=${outcome.forward}`)
  if (outcome.forwardStatus !== undefined) parameters.push(`fwd-status=${outcome.forwardStatus}`)
  if (outcome.kind === 'collapsed') parameters.push('collapsed')
  if (ttlMs !== undefined) parameters.push(`ttl=${seconds(ttlMs)}`)
  if (outcome.detail !== undefined) parameters.push(`detail=${worded(outcome.detail)}`)
  return parameters.join('; ')
}

/** RFC 9651 s3.3.3, s3.3.4: a token or, if its first character is not that of a token, a string. */
function worded(detail: string): string {
  return /^[a-z*]/i.test(detail) ? detail : `"${detail}"`
}

function seconds(ms: number): number {
  return Math.max(-MAX_TTL, Math.floor(Math.min(ms / 1000, MAX_TTL)))
}

/** The largest integer of a Structured Field (RFC 9651 s3.3.1). */
const MAX_TTL = 999_999_999_999_999
