import { fileURLToPath } from 'node:url'

export const redisPackage: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
/** Where it finds the clients, and where nothing is checked in. */
export const builtWorker: string = `${redisPackage}/node_modules/.stampede/worker.mjs`
/** The program of a process that waits over a port which does not keep it. */
export const builtWaiting: string = `${redisPackage}/node_modules/.stampede/waiting-process.mjs`
/** The program of a process that only opens and closes stores. */
export const builtClosing: string = `${redisPackage}/node_modules/.stampede/closing-process.mjs`
