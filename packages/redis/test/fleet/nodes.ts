import { execFileSync } from 'node:child_process'
import { redisPackage } from './built-worker.ts'

/** Gets them from npm where they are not there yet, as `pnpm check:runtimes` does. */
const INSTALL = `
import { runtimesFor } from './scripts/runtimes/catalog.mjs'
import { install } from './scripts/runtimes/install.mjs'
console.log = console.error
const paths = []
for (const runtime of runtimesFor()) if (runtime.kind === 'node') paths.push(await install(runtime))
process.stdout.write(JSON.stringify(paths))
`

/** One of each Node that is supported, as programs. */
export function nodes(): readonly string[] {
  const args = ['--input-type=module', '--eval', INSTALL]
  return JSON.parse(
    execFileSync(process.execPath, args, { cwd: `${redisPackage}/../..`, encoding: 'utf8' }),
  ) as string[]
}
