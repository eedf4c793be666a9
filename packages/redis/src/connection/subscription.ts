import { tryOr } from '../base/try-or.ts'
import type { RedisDriver } from '../protocol/driver.ts'

type Hear = (channel: string, message: Uint8Array) => void

/** Receives the messages of the fleet, as far as the client can. */
export class Subscription {
  readonly #driver: RedisDriver
  readonly #channels: readonly string[]
  readonly #listener: Hear
  readonly #began: () => void
  #isBeginning = false
  #hasBegun = false

  /** @param began called once messages arrive: earlier ones were missed */
  constructor(driver: RedisDriver, channels: readonly string[], hear: Hear, began: () => void) {
    this.#driver = driver
    this.#channels = channels
    this.#listener = hear
    this.#began = began
  }

  /** Whether messages arrive now. */
  get isListening(): boolean {
    return this.#hasBegun && tryOr(() => this.#driver.subReady?.() !== false, false)
  }

  /** Subscribes, or tries again after a failure. */
  begin(): void {
    if (this.#hasBegun || this.#isBeginning || this.#driver.subscribe === undefined) return
    this.#isBeginning = true
    void this.#begin()
  }

  async #begin(): Promise<void> {
    try {
      await this.#driver.subscribe?.(this.#channels, this.#listener)
      this.#hasBegun = true
    } catch {
      // Without permission, or without a connection, the store polls until it works.
    }
    this.#isBeginning = false
    if (this.#hasBegun) this.#began()
  }
}
