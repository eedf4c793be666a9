import { type FetchContext, Stampede, type StampedeEvent } from '@stampede/core'
import { redisStore } from '../../src/index.ts'
import { elapse } from '../../../conformance/src/real-time.ts'
import { type Connected, connect } from './clients.ts'
import { runLoad } from './load.ts'
import type { Answer, Command, FromWorker, GetCommand, Got, Results, ToldError, ToWorker, WorkerOptions } from './protocol.ts'

/** One process of a fleet: does what its parent says. */
class Worker {
  readonly #cache: Stampede
  readonly #connected: Connected
  readonly #asked = new Map<number, (answer: Answer) => void>()
  #fetches = 0

  constructor({ cache, store }: WorkerOptions, connected: Connected) {
    this.#connected = connected
    const shared = redisStore({ ...store, client: connected.client })
    this.#cache = new Stampede({ ...cache, store: shared, onEvent: tellEvent })
  }

  async run(command: Command): Promise<unknown> {
    const cache = this.#cache
    switch (command.do) {
      case 'get':
        return this.#get(command)
      case 'load':
        return runLoad(cache, command)
      case 'set':
        return cache.set(command.key, command.value, { tags: command.tags })
      case 'delete':
        return cache.delete(command.key)
      case 'invalidateTags':
        return cache.invalidateTags(...command.tags)
      case 'clear':
        return cache.clear()
      case 'peek':
        return cache.peek(command.key)
      case 'stats':
        return cache.stats()
      case 'block':
        return block(command.ms)
      case 'memory':
        return memory()
      case 'close':
        return this.#close()
    }
  }

  answer(fetch: number, answer: Answer): void {
    this.#asked.get(fetch)?.(answer)
    this.#asked.delete(fetch)
  }

  async #get({ key, callers, options, fetch }: GetCommand): Promise<Got> {
    const values = new Map<string, unknown>()
    const errors = new Map<string, ToldError>()
    const took: number[] = []
    const one = async (): Promise<void> => {
      const start = performance.now()
      try {
        const value = await this.#cache.get(key, context => this.#fetch(context, fetch), options)
        values.set(JSON.stringify(value) ?? '', value)
      } catch (error) {
        errors.set(String(error), told(error))
      }
      took.push(performance.now() - start)
    }
    await Promise.all(Array.from({ length: callers }, one))
    const count = took.length
    return { values: [...values.values()], errors: [...errors.values()], count, took: took.sort((a, b) => a - b) }
  }

  async #fetch(context: FetchContext<unknown>, where: 'outside' | number): Promise<unknown> {
    this.#fetches += 1
    const fetch = this.#fetches
    if (where !== 'outside') {
      send({ type: 'event', name: `fetch ${context.key}`, detail: '' })
      await elapse(where)
      return `${process.pid} ${fetch}`
    }
    const answered = new Promise<Answer>(resolve => this.#asked.set(fetch, resolve))
    send({ type: 'fetch', fetch, key: context.key })
    const { value, error, ttl, tags, noStore } = await answered
    if (ttl !== undefined) context.ttl = ttl
    if (tags !== undefined) context.tags = tags
    if (noStore !== undefined) context.noStore = noStore
    if (error) throw Object.assign(new Error(error.message), { name: error.name, code: error.code })
    return value
  }

  async #close(): Promise<void> {
    await this.#cache.close()
    this.#connected.end()
    // Nothing else is to keep the process alive.
    process.disconnect()
  }
}

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}

function tellEvent(event: StampedeEvent): void {
  const name = event.type === 'breaker' ? `breaker ${event.state}` : event.type
  if (['hit', 'miss', 'collapse', 'store', 'evict', 'change'].includes(name)) return
  const detail = 'reason' in event ? event.reason : 'flushed' in event ? `flushed: ${event.flushed}` : ''
  send({ type: 'event', name, detail: 'error' in event ? String(event.error) : detail })
}

function told(error: unknown): ToldError {
  const { name, message, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : new Error(String(error))
  return { name, message, code: 'code' in (error as object) ? code : undefined }
}

function block(ms: number): undefined {
  const end = performance.now() + ms
  while (performance.now() < end);
  return undefined
}

function memory(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

let worker: Worker | undefined

async function take(message: ToWorker): Promise<void> {
  if (message.type === 'start') {
    worker = new Worker(message.options, await connect(message.options.connection))
    send({ type: 'started' })
  } else if (message.type === 'answer') worker?.answer(message.fetch, message.answer)
  else {
    const result = (await worker?.run(message.command)) as Results[keyof Results]
    send({ type: 'result', id: message.id, result })
  }
}

for (const trouble of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(trouble, (error: unknown) => send({ type: 'trouble', what: `${trouble}: ${String(error)}` }))
}
process.on('message', (message: ToWorker) => void take(message))
