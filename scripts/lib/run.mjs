import { spawnSync } from 'node:child_process'

/**
 * Runs a command to its end, its output shown as it comes. Throws where it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string | URL, env?: NodeJS.ProcessEnv }} [options]
 */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options })
  if (error !== undefined) throw error
  if (status === 0) return
  throw new Error(`failed with ${status}: ${command} ${args.join(' ')}`)
}

/**
 * What a command prints.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string | URL }} [options]
 * @returns {string}
 */
export function output(command, args, options = {}) {
  const { status, stdout, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`failed with ${status}: ${command} ${args.join(' ')}\n${stdout}`)
  return stdout
}
