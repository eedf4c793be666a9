import { type CallOptions, type FetchContext, Stampede } from '@stampede/core'
import { Tally } from '../../../conformance/src/gate.ts'
import { redisStore } from '../../src/index.ts'
import { type Connected, connect } from './clients.ts'
import type { Answer, WorkerOptions } from './protocol.ts'
import { nameOfEvent, told } from './telling.ts'
import type { OutsideFetch } from './worker-process.ts'

/** What is a process to the server, with a connection and memory of its own, and runs in the one of the test. */
export class Inside {
  readonly cache: Stampede
  /** What happened in it, by the name of the event. */
  readonly events: Tally = new Tally()
  /** The same in order, with what the events say. */
  readonly log: string[] = []
  readonly #connected: Connected
  readonly #held = new Set<(answer: Answer) => void>()
  readonly #onFetch: (fetch: OutsideFetch) => void

  private constructor({ cache, store }: WorkerOptions, connected: Connected, onFetch: (fetch: OutsideFetch) => void) {
    this.#connected = connected
    this.#onFetch = onFetch
    this.cache = new Stampede({
      ...cache,
      store: redisStore({ ...store, client: connected.client }),
      onEvent: event => {
        this.events.add(nameOfEvent(event))
        this.log.push(`${nameOfEvent(event)} ${told(event)}`.trim())
      },
    })
  }

  static async start(options: WorkerOptions, onFetch: (fetch: OutsideFetch) => void): Promise<Inside> {
    return new Inside(options, await connect(options.connection), onFetch)
  }

  /** With a fetch that the test answers. */
  get(key: string, options?: CallOptions): Promise<unknown> {
    return this.cache.get(key, context => this.#fetch(context), options)
  }

  /** Closes its cache and its client, once. */
  async close(): Promise<void> {
    for (const answer of this.#held) answer({ value: 'too late' })
    await this.cache.close()
    this.#connected.end()
  }

  async #fetch(context: FetchContext<unknown>): Promise<unknown> {
    const answered = new Promise<Answer>(resolve => {
      this.#held.add(resolve)
      this.#onFetch({ by: this, key: context.key, answer: resolve })
    })
    return yieldOf(await answered, context)
  }
}

/** What a fetch yields that was answered so. */
export function yieldOf({ value, error, ttl, tags, noStore }: Answer, context: FetchContext<unknown>): unknown {
  if (ttl !== undefined) context.ttl = ttl
  if (tags !== undefined) context.tags = tags
  if (noStore !== undefined) context.noStore = noStore
  if (error) throw Object.assign(new Error(error.message), { name: error.name, code: error.code })
  return value
}
