// node scripts/testing/main.mjs check | quick | rest | all
//   check  format, lint, types, rooms, unused code
//   quick  check, and the tests chosen for `pnpm test`
//   rest   every test that `quick` leaves out
//   all    quick, rest, and the thresholds of coverage over both
// With STAMPEDE_COVERAGE=1, `quick` and `rest` one after the other do what `all` does.
import { rmSync } from 'node:fs'
import { ensureServer } from '../../packages/conformance/src/redis/binaries.mjs'
import { ROOT } from '../lib/packages.mjs'
import { shown, together } from './steps.mjs'

/** @typedef {import('./steps.mjs').Step} Step */

/** @type {readonly Step[]} */
const checks = [
  { name: 'types', command: ['pnpm', 'check:types'] },
  { name: 'lint', command: ['pnpm', 'check:lint'] },
  { name: 'rooms', command: ['pnpm', 'check:rooms'] },
  { name: 'unused code', command: ['pnpm', 'check:unused'] },
  { name: 'format', command: ['pnpm', 'check:format'] },
]
/** @type {Step} */
const quick = { name: 'tests', command: ['vitest', 'run'], env: { STAMPEDE_TESTS: 'quick' } }
/** @type {Step} */
const rest = { name: 'all other tests', command: ['vitest', 'run'], env: { STAMPEDE_TESTS: 'rest' } }
/** @type {Step} */
const coverage = {
  name: 'coverage',
  command: [
    'vitest',
    '--merge-reports=reports/blobs',
    '--coverage',
    '--reporter=json',
    '--outputFile=reports/merged.json',
  ],
}

const asked = process.argv[2] ?? 'quick'
if (asked === 'all') process.env['STAMPEDE_COVERAGE'] = '1'
const covers = process.env['STAMPEDE_COVERAGE'] === '1'

const runQuick = async () => {
  rmSync(new URL('reports/', ROOT), { recursive: true, force: true })
  return (await together(checks)) && shown(quick)
}
const runRest = () => shown(rest) && (!covers || shown(coverage))

/** @type {Record<string, () => boolean | Promise<boolean>>} */
const runs = {
  check: () => together(checks),
  quick: runQuick,
  rest: runRest,
  all: async () => (await runQuick()) && runRest(),
}
const run = runs[asked]
if (run === undefined) throw new Error(`${asked} is no run of the tests: it is one of ${Object.keys(runs).join(', ')}`)
try {
  // First: a run that lacks its server would say so only after the checks.
  if (asked !== 'check') ensureServer()
  process.exitCode = (await run()) ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
