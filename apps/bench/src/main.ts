import { runCommand } from './command.ts'
import { suites } from './suites/index.ts'

const NANOSECONDS = 1e6

process.exitCode = await runCommand(process.argv.slice(2), {
  suites,
  now: () => performance.now() * NANOSECONDS,
  print: text => void process.stdout.write(`${text}\n`),
  printError: text => void process.stderr.write(`${text}\n`),
})
