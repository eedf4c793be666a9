import { setTimeout as sleep } from 'node:timers/promises'
import type { Subject } from './contender.ts'
import type { Answers } from './jobs.ts'

/** Asks, and counts what came of it. */
export class CallTally {
  readonly #fetchMs: number
  readonly #onFetch: () => void
  readonly #times: number[] = []
  #fetches = 0
  #errors = 0

  /** @param onFetch called when a fetch begins */
  constructor(fetchMs: number, onFetch: () => void = () => {}) {
    this.#fetchMs = fetchMs
    this.#onFetch = onFetch
  }

  /** One caller. Another process may have fetched: its values begin with the same key. */
  async call(subject: Subject, key: string, value: string): Promise<void> {
    const began = performance.now()
    try {
      const answer = await subject.get(key, () => this.#fetch(value))
      if (!answer.startsWith(key)) this.#errors += 1
    } catch {
      this.#errors += 1
    }
    this.#times.push(performance.now() - began)
  }

  answers(): Answers {
    return { times: this.#times, fetches: this.#fetches, errors: this.#errors }
  }

  async #fetch(value: string): Promise<string> {
    this.#fetches += 1
    this.#onFetch()
    await sleep(this.#fetchMs)
    return value
  }
}
