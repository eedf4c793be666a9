import { spawnSync } from 'node:child_process'
import { installedServers } from '@stampede/conformance/redis'

/** The program that is started as the server, and its version, in words. */
export function serverVersion(): string {
  const program = installedServers()[0]
  if (program === undefined) return 'none'
  const said = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout
  return `${program} ${/v=([\d.]+)/.exec(said)?.[1] ?? 'of unknown version'}`
}
