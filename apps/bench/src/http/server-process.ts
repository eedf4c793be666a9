import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { pinned, SERVER_CORE } from './pin.ts'
import type { Question, Said } from './questions.ts'
import type { Served } from './served.ts'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly port: number
  ask(question: Question): Promise<number>
  close(): Promise<void>
}

/** Beside the command, once both are built. */
const PROGRAM = fileURLToPath(new URL('http-server.js', import.meta.url))

export async function startServer(served: Served): Promise<ServerProcess> {
  const [command, ...args] = pinned(SERVER_CORE, [process.execPath, PROGRAM, JSON.stringify(served)])
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  const port = await Promise.race([said(child), ended.then(() => Number.NaN)])
  if (Number.isNaN(port)) throw new Error(`The server of ${JSON.stringify(served)} did not start.`)
  return {
    port,
    ask(question) {
      const answer = said(child)
      child.send(question)
      return answer
    },
    async close() {
      child.kill()
      await ended
    },
  }
}

async function said(child: ChildProcess): Promise<number> {
  const [{ value }] = (await once(child, 'message')) as [Said]
  return value
}
