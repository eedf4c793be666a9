import { httpCommand } from './http/http-command.ts'
import { httpSuites } from './http/http-suites.ts'
import { pinLoad } from './http/pin.ts'
import { processOut } from './out.ts'

process.exitCode = await httpCommand(process.argv.slice(2), { ...processOut, suites: httpSuites, pin: pinLoad })
