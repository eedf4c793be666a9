import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Servers of the same protocol, each by the name of its program. */
const FLAVORS = ['redis-server', 'valkey-server'] as const
export type Flavor = (typeof FLAVORS)[number]

/**
 * The servers that are there; tests that are not about the difference take the first. `STAMPEDE_SERVERS`, such as
 * `valkey-server` or `redis-server,valkey-server`, says which are to be used, and that they must be there.
 */
export function installedServers(): readonly Flavor[] {
  const asked = process.env['STAMPEDE_SERVERS']?.split(',').map(flavorOf) ?? []
  const missing = asked.filter(flavor => !isOnPath(flavor))
  if (missing.length > 0) throw new Error(`STAMPEDE_SERVERS asks for ${missing.join(', ')}: not found in PATH`)
  return asked.length > 0 ? asked : FLAVORS.filter(isOnPath)
}

function flavorOf(name: string): Flavor {
  const flavor = FLAVORS.find(its => its === name.trim())
  if (flavor === undefined) throw new Error(`STAMPEDE_SERVERS takes ${FLAVORS.join(' and ')}, not ${name}`)
  return flavor
}

/** One server at least, installed where that can be done without asking anybody. */
export function ensureServer(): void {
  if (installedServers().length > 0) return
  const isRoot = process.getuid?.() === 0
  if (isRoot && isOnPath('apt-get')) install()
  if (installedServers().length === 0) {
    throw new Error(
      'A Redis or Valkey is needed: put redis-server or valkey-server into PATH, such as by apt-get install redis-server ' +
        '(Debian, Ubuntu), brew install redis (macOS) or dnf install valkey (Fedora).',
    )
  }
}

function install(): void {
  // A machine that runs services would start one at once: not at run level 1.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  try {
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' })
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], {
      env,
      stdio: 'ignore',
    })
  } catch (error) {
    throw new Error('apt-get could not install redis-server: install it, or valkey-server, by hand', { cause: error })
  }
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some(directory => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
