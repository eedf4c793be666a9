import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exempt, judged } from './exempt.mjs'
import { run } from './process.mjs'

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))
const VITEST = join(REPOSITORY, 'node_modules/vitest/vitest.mjs')
const SMOKE = fileURLToPath(new URL('smoke/main.mjs', import.meta.url))
const REPORTS = join(REPOSITORY, 'reports')

/** What a runtime wants in front of the file. */
const BEFORE = { node: [], bun: [], deno: ['run', '-A'] }

/**
 * The whole suite of the core from its sources, by vitest in the runtime. Forks, since they are made of the same
 * binary; Deno's threads lack what vitest calls at their end.
 */
export async function wholeSuite(binary, runtime) {
  return vitest(binary, runtime, 'core', ['--project', 'core'])
}

/** The conformance and the hostile suite against Hono on the runtime's own server. */
export async function honoSuites(binary, runtime) {
  const results = await vitest(binary, runtime, 'hono', ['--config', join(REPOSITORY, 'vitest.runtimes.config.ts')])
  return judged(results, exempt[runtime.name] ?? {})
}

async function vitest(binary, { name, kind }, of, which) {
  const report = join(REPORTS, `runtime-${name}-${of}.json`)
  mkdirSync(REPORTS, { recursive: true })
  rmSync(report, { force: true })
  const reporters = ['--reporter=json', `--outputFile.json=${report}`]
  const args = [...BEFORE[kind], VITEST, 'run', ...which, '--pool', 'forks', ...reporters]
  const { code, output } = await run(binary, args, { cwd: REPOSITORY })
  const results = resultsIn(report)
  const failed = results.some(({ error }) => error !== undefined)
  // An error beside the tests fails the run alone; so does a run that broke off.
  if (code !== 0 && !failed) results.push({ name: 'the run as a whole', error: output })
  return results
}

function resultsIn(report) {
  let files = []
  try {
    files = JSON.parse(readFileSync(report, 'utf8')).testResults
  } catch {
    // There is none if vitest did not get that far; its output is above.
  }
  return files.flatMap(({ assertionResults, status, message, name }) => {
    const broken = status === 'failed' && assertionResults.length === 0 ? [{ name, error: message }] : []
    return [...broken, ...assertionResults.map(resultOf)]
  })
}

/** A test that did not run is no test that passed. */
function resultOf({ fullName, status, failureMessages }) {
  if (status === 'passed') return { name: fullName }
  return { name: fullName, error: failureMessages.join('\n') || status }
}

/** The checks of the built core, in the runtime itself. */
export async function smokeSet(binary, { kind }) {
  const { code, stdout, output } = await run(binary, [...BEFORE[kind], SMOKE], { timeout: 60_000 })
  try {
    if (code === 0) return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  } catch {
    // Told below.
  }
  return [{ name: 'the run as a whole', error: output }]
}
