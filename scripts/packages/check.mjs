// Everything that must be true of the packages as they would be published. Expects them to be built.
import { mkdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { publicPackages, ROOT } from '../lib/packages.mjs'
import { output, run } from '../lib/run.mjs'
import { useAsConsumer } from './consumers.mjs'
import { faultsOf } from './manifests.mjs'

const TARBALLS = fileURLToPath(new URL('reports/tarballs/', ROOT))
const packages = publicPackages()

const faults = packages.flatMap(faultsOf)
if (new Set(packages.map(({ manifest }) => manifest.version)).size > 1) faults.push('all packages have one version')
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`)
  process.exit(1)
}

rmSync(TARBALLS, { recursive: true, force: true })
mkdirSync(TARBALLS, { recursive: true })
const tarballs = packages.map(pack)
for (const tarball of tarballs) {
  run('publint', [tarball, '--strict'])
  run('attw', [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-summary', '--format', 'ascii'])
}
useAsConsumer(tarballs)

/** pnpm, not npm, puts real versions in the place of `workspace:` and `catalog:`. */
function pack({ directory }) {
  const { filename } = JSON.parse(
    output('pnpm', ['pack', '--json', '--pack-destination', TARBALLS], { cwd: directory }),
  )
  return filename
}
