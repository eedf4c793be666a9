import { tracesCommand } from './traces/command.ts'

process.exitCode = await tracesCommand(process.argv.slice(2), {
  print: text => void process.stdout.write(`${text}\n`),
  printError: text => void process.stderr.write(`${text}\n`),
})
