import { type ChildProcess, fork } from 'node:child_process'
import { Tally } from '../../../conformance/src/gate.ts'
import { builtWorker } from './built-worker.ts'
import type { Answer, Command, FromWorker, Got, Results, ToWorker, WorkerOptions } from './protocol.ts'

/** A fetch that a test runs, and that goes on until it is answered. */
export interface OutsideFetch {
  /** Whose it is. */
  readonly by: unknown
  readonly key: string
  answer(answer: Answer): void
}

type CommandOf<Name extends Command['do']> = Extract<Command, { readonly do: Name }>

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** One process of a fleet, and the hold that a test has on it. */
export class WorkerProcess {
  /** What happened in it, by the name of the event; `fetch` and the key for each that began. */
  readonly events: Tally = new Tally()
  /** The same in order, with what the events say. */
  readonly log: string[] = []
  /** What it was not to do: rejections that nobody handled, and the like. */
  readonly troubles: string[] = []
  /** The fetches that run outside. */
  readonly fetches: OutsideFetch[] = []
  readonly exited: Promise<void>
  readonly #child: ChildProcess
  readonly #results = new Map<number, Waiting>()
  readonly #onFetch: (fetch: OutsideFetch) => void
  #commands = 0

  private constructor(child: ChildProcess, onFetch: (fetch: OutsideFetch) => void) {
    this.#child = child
    this.#onFetch = onFetch
    this.exited = new Promise(resolve => {
      child.once('exit', () => {
        for (const { reject } of this.#results.values()) reject(new Error('the worker is gone'))
        this.#results.clear()
        resolve()
      })
    })
    child.on('message', message => this.#take(message as FromWorker))
    // A message to one that is just dying.
    child.on('error', () => {})
  }

  /** @param node the program that runs it; default: the one that runs the test */
  static async start(
    options: WorkerOptions,
    onFetch: (fetch: OutsideFetch) => void,
    node: string = process.execPath,
  ): Promise<WorkerProcess> {
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const
    const child = fork(builtWorker, { execPath: node, execArgv: ['--expose-gc'], stdio: [...stdio] })
    const worker = new WorkerProcess(child, onFetch)
    worker.#send({ type: 'start', options })
    await Promise.race([worker.events.until('started', 1), worker.exited])
    return worker
  }

  get(key: string, asked: Partial<Omit<CommandOf<'get'>, 'do' | 'key'>> = {}): Promise<Got> {
    return this.run({ do: 'get', key, callers: 1, options: {}, fetch: 'outside', ...asked })
  }

  run<Name extends Command['do']>(command: CommandOf<Name>): Promise<Results[Name]> {
    this.#commands += 1
    const id = this.#commands
    return new Promise((resolve, reject) => {
      this.#results.set(id, { resolve: result => resolve(result as Results[Name]), reject })
      this.#send({ type: 'command', id, command })
    })
  }

  /** Stands still, as a machine that is out of breath. */
  stop(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  /** Closes its cache and its client; nothing then keeps the process. */
  async close(): Promise<void> {
    this.run({ do: 'close' }).catch(() => {})
    await this.exited
  }

  #send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message)
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'started':
        return this.events.add('started')
      case 'result':
        this.#results.get(message.id)?.resolve(message.result)
        this.#results.delete(message.id)
        return undefined
      case 'fetch':
        return this.#fetchBegan(message.fetch, message.key)
      case 'event':
        this.log.push(`${message.name} ${message.detail}`.trim())
        return this.events.add(message.name)
      case 'trouble':
        this.troubles.push(message.what)
        return undefined
    }
  }

  #fetchBegan(fetch: number, key: string): void {
    const answer = (answered: Answer): void => this.#send({ type: 'answer', fetch, answer: answered })
    const began: OutsideFetch = { by: this, key, answer }
    this.fetches.push(began)
    this.events.add(`fetch ${key}`)
    this.#onFetch(began)
  }
}
