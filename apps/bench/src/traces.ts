import { processOut } from './out.ts'
import { tracesCommand } from './traces/command.ts'

process.exitCode = await tracesCommand(process.argv.slice(2), processOut)
