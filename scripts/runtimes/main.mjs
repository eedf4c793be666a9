// Runs the tests of the core on every runtime that is named in the catalog, and prints one table of what came of it.
import { parse } from './args.mjs'
import { runtimesFor } from './catalog.mjs'
import { install } from './install.mjs'
import { run } from './process.mjs'
import { honoSuites, smokeSet, wholeSuite } from './suite.mjs'
import { table } from './table.mjs'
import { runWorkerd } from './workerd/run.mjs'

const WHOLE = { what: 'whole suite', results: wholeSuite }
const BUILT = { what: 'built core, smoke set', results: smokeSet }
const HONO = { what: 'Hono on its own server', results: honoSuites }
const RUNS = {
  node: [WHOLE, BUILT],
  bun: [WHOLE, BUILT, HONO],
  deno: [WHOLE, BUILT, HONO],
  workerd: [{ what: 'built core, smoke set; requests that meet', results: runWorkerd }],
}

/** The version that the binary itself prints. */
async function versionOf(binary) {
  const { stdout, output } = await run(binary, ['--version'])
  return /\d+[\d.-]*\d/.exec(stdout)?.[0] ?? output
}

async function rowOf(runtime, binary, version, { what, results }) {
  const start = performance.now()
  const all = await results(binary, runtime).catch(error => [{ name: what, error: error.stack }])
  const failed = all.filter(({ error }) => error !== undefined)
  if (all.length === 0) failed.push({ name: what, error: 'no test ran' })
  for (const { name, error } of failed) console.log(`\n${runtime.name} ${version}, ${what}: FAILED ${name}\n${error}`)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const exempt = all.filter(result => result.exempt !== undefined).length
  const passed = all.filter(({ error }) => error === undefined).length - exempt
  return [runtime.name, version, what, String(passed), String(failed.length), String(exempt), `${seconds} s`]
}

async function rowsOf(runtime) {
  const binary = await install(runtime)
  const version = await versionOf(binary)
  const rows = []
  for (const part of RUNS[runtime.kind]) {
    console.log(`${runtime.name} ${version}: ${part.what}`)
    rows.push(await rowOf(runtime, binary, version, part))
  }
  return rows
}

/** A runtime that cannot be started has failed, and the others still run. */
async function rowsOrFailure(runtime) {
  try {
    return await rowsOf(runtime)
  } catch (error) {
    console.log(`\n${runtime.name}: FAILED to start\n${error.stack}`)
    return [[runtime.name, runtime.version, 'did not start', '0', '1', '0', '']]
  }
}

async function main() {
  const runtimes = runtimesFor()
  const names = runtimes.map(({ name }) => name)
  const asked = parse(process.argv.slice(2), names)
  if ('error' in asked) {
    console.error(asked.error)
    process.exitCode = 2
    return
  }
  const chosen = runtimes.filter(({ name }) => asked.only.includes(name))
  const missing = chosen.filter(({ packageName }) => packageName === undefined).map(({ name }) => name)
  if (missing.length > 0) {
    console.log(`Not published for ${process.platform}-${process.arch}, and not run: ${missing.join(', ')}.`)
  }
  const rows = []
  for (const runtime of chosen) if (!missing.includes(runtime.name)) rows.push(...(await rowsOrFailure(runtime)))
  console.log(`\n${table([['runtime', 'version', 'what ran', 'passed', 'failed', 'exempt', 'time'], ...rows])}`)
  const isGood = rows.length > 0 && rows.every(([, , , passed, failed]) => passed !== '0' && failed === '0')
  if (!isGood) process.exitCode = 1
}

await main()
