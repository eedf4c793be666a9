import { randomUUID } from 'node:crypto'
import { setTimeout as elapse } from 'node:timers/promises'
import type { Burst } from '../burst.ts'
import type { FleetStage } from './stage.ts'
import { together } from './told.ts'

/** One key that all processes were asked for in the same moment. */
export interface Asked {
  /** Milliseconds, on this process's clock. */
  readonly at: number
  /** When all had their answer. */
  readonly endedAt: number
  readonly burst: Burst
  /** Who ran the handler for it. */
  readonly runners: readonly string[]
}

/** Milliseconds between two keys. */
export const EVERY = 50

/** Keys that are asked at once, at most: on a busy machine they would pile up. */
const MOST_OPEN = 20

/** Asks every process for a new key, again and again. */
export class SteadyLoad {
  /** Keys whose requests have all ended. */
  readonly done: Asked[] = []
  readonly #stage: FleetStage
  readonly #open = new Set<Promise<void>>()
  #isOn = true
  readonly #running: Promise<void>

  constructor(stage: FleetStage) {
    this.#stage = stage
    this.#running = this.#run()
  }

  /** Resolves once all has ended. */
  async stop(): Promise<void> {
    this.#isOn = false
    await this.#running
    await Promise.all(this.#open)
  }

  async #run(): Promise<void> {
    while (this.#isOn) {
      if (this.#open.size < MOST_OPEN) {
        const asked = this.#ask()
        this.#open.add(asked)
        void asked.then(() => this.#open.delete(asked))
      }
      await elapse(EVERY)
    }
  }

  async #ask(): Promise<void> {
    const nonce = randomUUID()
    const at = performance.now()
    const bursts = await Promise.all(this.#stage.members.map(member => member.burst(1, nonce)))
    const runners = this.#stage.origin.log.of(nonce).map(({ by }) => by)
    this.done.push({ at, endedAt: performance.now(), burst: together(bursts), runners })
  }
}
