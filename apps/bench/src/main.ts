import { runCommand } from './command.ts'
import { processOut } from './out.ts'
import { growths, suites } from './suites/index.ts'

const NANOSECONDS = 1e6

process.exitCode = await runCommand(process.argv.slice(2), {
  suites,
  growths,
  now: () => performance.now() * NANOSECONDS,
  ...processOut,
})
