import { dirname } from 'node:path'
import { ensureServer } from '@stampede/conformance/redis'
import { build } from 'esbuild'
import { builtMember, demo } from './built-member.ts'

/** Of the runner, once before all files: Node 20 runs no TypeScript, so the program of the processes is built. */
export async function setup(): Promise<void> {
  ensureServer()
  await build({
    entryPoints: [`${demo}/src/member.ts`],
    outdir: dirname(builtMember),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@stampede/source'],
    external: ['@hono/node-server', 'fastify', 'hono', 'ioredis', 'koa'],
    // What is CommonJS asks for Node's own modules by `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  })
}
