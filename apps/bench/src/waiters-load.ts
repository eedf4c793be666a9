import { parentPort, workerData } from 'node:worker_threads'
import { type Load, sendAll } from './waiters/load.ts'

parentPort?.postMessage(await sendAll(workerData as Load), [])
