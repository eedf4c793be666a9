import { build } from 'esbuild'
import { setup as ensureServer } from '../../../conformance/src/redis/setup.ts'
import { builtWorker, redisPackage } from './built-worker.ts'

/** Of the runner, once before all files: Node 20 runs no TypeScript, so the program of the workers is built. */
export async function setup(): Promise<void> {
  ensureServer()
  await build({
    entryPoints: [`${redisPackage}/test/fleet/worker.ts`],
    outfile: builtWorker,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@stampede/source'],
    // Clients are what a user has, not a part of it.
    external: ['ioredis', 'iovalkey', 'redis'],
    logLevel: 'error',
  })
}
