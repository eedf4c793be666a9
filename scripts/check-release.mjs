// A rehearsal of the release in a copy of the checkout: the versions that the waiting changesets make, and a publish that
// uploads nothing. Expects the packages to be built.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publicPackages, ROOT } from './lib/packages.mjs'
import { output, run } from './lib/run.mjs'

const root = fileURLToPath(ROOT)
const copy = mkdtempSync(join(tmpdir(), 'stampede-release-'))
const REHEARSED = '.changeset/rehearsal.md'

try {
  const files = output('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root })
  const built = publicPackages().map(({ folder }) => `packages/${folder}/dist`)
  for (const file of [...files.split('\0').filter(isThere), ...built]) {
    cpSync(join(root, file), join(copy, file), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  // One change to one package: the version of all must move, also when no changeset waits.
  writeFileSync(join(copy, REHEARSED), "---\n'@stampede/core': patch\n---\n\nA rehearsal.\n")
  run('git', ['init', '--quiet', '--initial-branch=main'], { cwd: copy })
  run('changeset', ['version'], { cwd: copy })
  // What the version pull request will hold must pass the checks too.
  run('biome', ['format', '.'], { cwd: copy })
  run('pnpm', ['--recursive', 'publish', '--dry-run', '--no-git-checks', '--access', 'public'], { cwd: copy })
  checkVersions()
} finally {
  rmSync(copy, { recursive: true, force: true })
}

/** A file that git knows may have been deleted meanwhile. */
function isThere(name) {
  return name !== '' && existsSync(join(root, name))
}

/** Every published package has the one new version, and says in its changelog what changed. */
function checkVersions() {
  const packages = publicPackages().map(({ folder, manifest }) => {
    const { version } = JSON.parse(readFileSync(join(copy, 'packages', folder, 'package.json'), 'utf8'))
    const changelog = readFileSync(join(copy, 'packages', folder, 'CHANGELOG.md'), 'utf8')
    return { name: manifest.name, before: manifest.version, version, isLogged: changelog.includes(`## ${version}`) }
  })
  console.table(packages)
  const versions = new Set(packages.map(({ version }) => version))
  const isMoved = packages.every(({ before, version, isLogged }) => before !== version && isLogged)
  if (versions.size === 1 && isMoved) return
  process.stderr.write('All packages must get one new version, with an entry in the changelog of each.\n')
  process.exitCode = 1
}
