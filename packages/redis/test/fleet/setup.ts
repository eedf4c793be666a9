import { dirname } from 'node:path'
import { build } from 'esbuild'
import { setup as ensureServer } from '../../../conformance/src/redis/setup.ts'
import { builtWorker, redisPackage } from './built-worker.ts'

/** Of the runner, once before all files: Node 20 runs no TypeScript, so the programs of the workers are built. */
export async function setup(): Promise<void> {
  ensureServer()
  await build({
    entryPoints: ['worker', 'closing-process', 'waiting-process'].map(name => `${redisPackage}/test/fleet/${name}.ts`),
    outdir: dirname(builtWorker),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@stampede/source'],
    // Clients are CommonJS, which asks for Node's own modules by `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  })
}
