import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export const SERVER_CORE = 0
const LOAD_CORE = 1

/** A command that keeps to one core, where the system has taskset and cores enough. */
export function pinned(core: number, command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  return canPin() ? ['taskset', '-c', `${core}`, ...command] : command
}

/** Keeps this process to the core of the load. Returns how the processes are placed, in words. */
export function pinLoad(): string {
  if (!canPin()) return 'cores as the system gives them'
  spawnSync('taskset', ['-a', '-cp', `${LOAD_CORE}`, `${process.pid}`])
  return `server on core ${SERVER_CORE}, load on core ${LOAD_CORE}`
}

let known: boolean | undefined

function canPin(): boolean {
  known ??= availableParallelism() > LOAD_CORE && spawnSync('taskset', ['--version']).status === 0
  return known
}
