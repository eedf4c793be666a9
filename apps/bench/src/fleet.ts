import { fleetCommand } from './fleet/fleet-command.ts'
import { fleetSuites } from './fleet/fleet-suites.ts'
import { serverVersion } from './fleet/server-version.ts'
import { processOut } from './out.ts'

process.exitCode = await fleetCommand(process.argv.slice(2), {
  ...processOut,
  suites: fleetSuites,
  server: serverVersion,
})
