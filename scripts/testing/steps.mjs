import { spawn, spawnSync } from 'node:child_process'
import { ROOT } from '../lib/packages.mjs'

/** @typedef {{ name: string, command: readonly string[], env?: NodeJS.ProcessEnv }} Step */

const seconds = (/** @type {number} */ since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/**
 * Runs steps at the same time. Each prints a line when it ends, and its output only where it failed. Resolves with whether
 * all of them passed.
 *
 * @param {readonly Step[]} steps
 */
export async function together(steps) {
  const passed = await Promise.all(steps.map(quiet))
  return passed.every(Boolean)
}

/**
 * Runs a step whose output is shown as it comes. Returns whether it passed.
 *
 * @param {Step} step
 */
export function shown({ name, command: [program = '', ...args], env }) {
  const start = performance.now()
  console.log(`${name} ...`)
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } })
  if (error !== undefined) throw error
  console.log(`${status === 0 ? '✓' : '✗'} ${name}  ${seconds(start)}`)
  return status === 0
}

/** @param {Step} step @returns {Promise<boolean>} */
function quiet({ name, command: [program = '', ...args], env }) {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    /** @type {Buffer[]} */
    const output = []
    child.stdout.on('data', chunk => output.push(chunk))
    child.stderr.on('data', chunk => output.push(chunk))
    child.once('error', reject)
    child.once('close', code => {
      console.log(`${code === 0 ? '✓' : '✗'} ${name}  ${seconds(start)}`)
      if (code !== 0) process.stdout.write(Buffer.concat(output))
      resolve(code === 0)
    })
  })
}
