import { lifetimeFrom } from './freshness.ts'
import type { Settings } from './function-options.ts'
import type { StoreEntry } from './memory-store.ts'

const FIRST_BACK_OFF = 1_000
const LONGEST_BACK_OFF = 30_000

/** A stored value with the resolved promise that a hit returns, so that a hit makes nothing new. */
export class Entry<Value> implements StoreEntry {
  readonly storedAt: number
  readonly freshUntil: number
  readonly goneAt: number
  readonly bytes = 0
  readonly value: Value
  readonly promise: Promise<Value>
  /** Before this moment no refresh is tried again in the background. */
  retryAt = 0
  /** Refreshes that failed in a row. */
  #failures = 0

  constructor(value: Value, promise: Promise<Value>, now: number, settings: Settings) {
    const lifetime = lifetimeFrom(now, settings.ttl, settings.staleWhileRevalidate)
    this.storedAt = lifetime.storedAt
    this.freshUntil = lifetime.freshUntil
    this.goneAt = lifetime.goneAt
    this.value = value
    this.promise = promise
  }

  /** A refresh failed: the next one in the background waits, each time longer. */
  backOff(now: number): void {
    this.retryAt = now + Math.min(FIRST_BACK_OFF * 2 ** this.#failures, LONGEST_BACK_OFF)
    this.#failures += 1
  }
}
