import { type FetchContext, type ChangeResult, Stampede, type StampedeEvent } from '@stampede/core'
import { redisStore } from '../../src/index.ts'
import { elapse } from '../../../conformance/src/real-time.ts'
import { type Connected, connect } from './clients.ts'
import { yieldOf } from './inside.ts'
import { runLoad } from './load.ts'
import type { Answer, Command, FromWorker, GetCommand, Got, ToldError, ToWorker, WorkerOptions } from './protocol.ts'
import { nameOfEvent, told } from './telling.ts'

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

  run(command: Command): unknown {
    if (isChange(command)) return change(this.#cache, command)
    if (command.do === 'get') return this.#get(command)
    if (command.do === 'load') return runLoad(this.#cache, command)
    if (command.do === 'peek') return this.#cache.peek(command.key)
    if (command.do === 'stats') return this.#cache.stats()
    if (command.do === 'block') return block(command.ms)
    return command.do === 'memory' ? memory() : this.#close()
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
        errors.set(String(error), toldError(error))
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
    return yieldOf(await answered, context)
  }

  async #close(): Promise<void> {
    await this.#cache.close()
    this.#connected.end()
    // Nothing else is to keep the process alive.
    process.disconnect()
  }
}

type Change = Extract<Command, { readonly do: 'set' | 'delete' | 'invalidateTags' | 'clear' }>

function isChange(command: Command): command is Change {
  return ['set', 'delete', 'invalidateTags', 'clear'].includes(command.do)
}

function change(cache: Stampede, command: Change): Promise<ChangeResult> {
  if (command.do === 'set') return cache.set(command.key, command.value, { tags: command.tags })
  if (command.do === 'delete') return cache.delete(command.key)
  return command.do === 'clear' ? cache.clear() : cache.invalidateTags(...command.tags)
}

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}

/** What happens at every call is not told. */
const USUAL = new Set(['hit', 'miss', 'collapse', 'store', 'evict', 'change'])

function tellEvent(event: StampedeEvent): void {
  const name = nameOfEvent(event)
  if (!USUAL.has(name)) send({ type: 'event', name, detail: told(event) })
}

function toldError(error: unknown): ToldError {
  if (!(error instanceof Error)) return { name: 'no error', message: String(error), code: undefined }
  return { name: error.name, message: error.message, code: 'code' in error ? String(error.code) : undefined }
}

function block(ms: number): number {
  const start = performance.now()
  while (performance.now() < start + ms);
  return performance.now() - start
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
    const result = await worker?.run(message.command)
    send({ type: 'result', id: message.id, result })
  }
}

for (const trouble of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(trouble, (error: unknown) => send({ type: 'trouble', what: `${trouble}: ${String(error)}` }))
}
process.on('message', (message: ToWorker) => void take(message))
