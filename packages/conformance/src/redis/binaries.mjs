// Plain JavaScript, since the scripts that start the tests use it too, and Node 20 runs no TypeScript.
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @typedef {import('./binaries.d.mts').Flavor} Flavor */

/** @type {readonly Flavor[]} */
const FLAVORS = ['redis-server', 'valkey-server']

/**
 * The servers that are installed; tests that are not about the difference use the first one. `STAMPEDE_SERVERS`, such as
 * `valkey-server` or `redis-server,valkey-server`, says which are to be used, and that they must be installed.
 *
 * @returns {readonly Flavor[]}
 */
export function installedServers() {
  const asked = process.env['STAMPEDE_SERVERS']?.split(',').map(flavorOf) ?? []
  const missing = asked.filter(flavor => !isOnPath(flavor))
  if (missing.length > 0) throw new Error(`STAMPEDE_SERVERS asks for ${missing.join(', ')}: not found in PATH`)
  return asked.length > 0 ? asked : FLAVORS.filter(isOnPath)
}

/** @param {string} name */
function flavorOf(name) {
  const flavor = FLAVORS.find(its => its === name.trim())
  if (flavor === undefined) throw new Error(`STAMPEDE_SERVERS takes ${FLAVORS.join(' and ')}, not ${name}`)
  return flavor
}

/** One server at least, installed by apt-get where the process is root's. */
export function ensureServer() {
  if (installedServers().length > 0) return
  const mayInstall = process.getuid?.() === 0 && isOnPath('apt-get')
  if (mayInstall) install()
  if (installedServers().length > 0) return
  throw new Error(
    'The tests need a Redis or Valkey: put redis-server or valkey-server into PATH, for example with apt-get install redis-server ' +
      '(Debian, Ubuntu), brew install redis (macOS) or dnf install valkey (Fedora).',
  )
}

function install() {
  process.stderr.write('No redis-server or valkey-server in PATH: installing redis-server with apt-get ...\n')
  // At any other run level, a machine that runs services would start the server at once.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  try {
    for (const args of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'],
    ])
      execFileSync('apt-get', args, { env, stdio: 'ignore' })
  } catch (error) {
    throw new Error('apt-get could not install redis-server: install it, or valkey-server, by hand.', { cause: error })
  }
}

/** @param {string} program */
function isOnPath(program) {
  return (process.env['PATH'] ?? '').split(delimiter).some(directory => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
