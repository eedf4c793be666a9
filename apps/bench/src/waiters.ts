import { Worker } from 'node:worker_threads'
import { processOut } from './out.ts'
import { waitersCommand } from './waiters/command.ts'
import type { Load } from './waiters/load.ts'

/** In a thread of its own, so that the client's work blocks no loop but its own. */
const load = (asked: Load): Promise<number> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('waiters-load.js', import.meta.url), { workerData: asked })
    worker.once('message', resolve)
    worker.once('error', reject)
  })

process.exitCode = await waitersCommand(process.argv.slice(2), { ...processOut, load })
