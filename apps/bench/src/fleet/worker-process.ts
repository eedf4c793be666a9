import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { JobName, Jobs, Member } from './jobs.ts'
import type { Asked, Said, Started } from './worker.ts'

/** Beside the command, once both are built. */
const PROGRAM = fileURLToPath(new URL('fleet-worker.js', import.meta.url))

/** Characters of what a process writes to its standard error that are kept. */
const MOST_COMPLAINTS = 2_000

/** A member of a fleet in a process of its own. One job at a time. */
export class WorkerProcess implements Member {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #gone: Promise<never>
  /** Clients without a listener for their errors write there, and say the same many times. */
  #complaints = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = once(child, 'exit')
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = `${this.#complaints}${text}`.slice(-MOST_COMPLAINTS)
    })
    this.#gone = this.#ended.then(() => {
      throw new Error(`A process of the fleet ended. ${this.#complaints}`)
    })
    // A waiting parent gets the error; without one, the process was released.
    this.#gone.catch(() => {})
  }

  static async start(started: Started): Promise<WorkerProcess> {
    const stdio = ['ignore', 'inherit', 'pipe', 'ipc'] as const
    const worker = new WorkerProcess(spawn(process.execPath, [PROGRAM, JSON.stringify(started)], { stdio: [...stdio] }))
    await worker.#said()
    return worker
  }

  async ask<Name extends JobName>(name: Name, asked: Jobs[Name]['asked']): Promise<Jobs[Name]['told']> {
    const said = this.#said()
    this.#child.send({ name, asked: asked as never } satisfies Asked)
    return said as Promise<Jobs[Name]['told']>
  }

  /** As `SIGKILL`, `SIGSTOP` and `SIGCONT` do. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  async close(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async #said(): Promise<unknown> {
    const [said] = (await Promise.race([once(this.#child, 'message'), this.#gone])) as [Said]
    if ('failed' in said) throw new Error(said.failed)
    return said.told
  }
}
