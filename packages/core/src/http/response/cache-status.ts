import { appending, replacing } from '../rfc/headers.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import type { Outcome, ReplayedHeader } from '../contract/contract.ts'

/** An outcome with the headers that tell it. */
export function outcomeOf(policy: HttpPolicy, outcome: Omit<Outcome, 'headers'>, ttlMs?: number): Outcome {
  const headers: ReplayedHeader[] = []
  if (policy.cacheStatus !== false)
    headers.push(appending('cache-status', cacheStatus(policy.cacheStatus, outcome, ttlMs)))
  if (policy.xCache) headers.push(replacing('x-cache', outcome.kind.toUpperCase()))
  // The spread stands last: V8 takes two microseconds for each property that is added behind one.
  return { headers: Object.freeze(headers), ...outcome }
}

/** The outcome of the hits of one response: those of one second and one policy are told alike, and it is made once for them. */
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

/** Of each policy, what became of requests that bypassed, by the reason. There are as many as there are reasons. */
/** Nothing is said of the request. */
export const SILENT: Outcome = { kind: 'bypass', headers: [] }

const bypasses = new WeakMap<HttpPolicy, Map<string, Outcome>>()

/** A request that takes no part. */
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
  if (ttlMs !== undefined) parameters.push(`ttl=${seconds(ttlMs)}`)
  if (outcome.detail !== undefined) parameters.push(`detail=${worded(outcome.detail)}`)
  return parameters.join('; ')
}

/** RFC 9651 s3.3.3, s3.3.4: the name of a field, as a token or, where its first character is none of a token's, as a string. */
function worded(detail: string): string {
  return /^[a-z*]/i.test(detail) ? detail : `"${detail}"`
}

function seconds(ms: number): number {
  return Math.max(-MAX_TTL, Math.floor(Math.min(ms / 1000, MAX_TTL)))
}

/** The largest integer that a Structured Field takes (RFC 9651 s3.3.1). */
const MAX_TTL = 999_999_999_999_999
