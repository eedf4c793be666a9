import type { Out } from '../out.ts'
import { shownCommand } from '../shown-command.ts'
import type { ShownSuite } from '../shown-suite.ts'

/** What the command reaches outside itself. */
export interface FleetWorld extends Out {
  readonly suites: readonly ShownSuite[]
  /** The server's program, in words. */
  readonly server: () => string
}

/** Nanoseconds that one process takes in one round, where a suite goes by time. */
const DEFAULTS = { command: 'bench:fleet', target: 300e6, quickTarget: 20e6 }
const GUIDE =
  'All contenders of a suite are processes that share one Redis, and take turns. Figures are medians over the rounds. control: what does the same, twice.'

/** Does what the command line says; returns the exit code: 2 for wrong arguments, 1 where a process fails. */
export function fleetCommand(given: readonly string[], { server, ...world }: FleetWorld): Promise<number> {
  return shownCommand(given, { ...world, defaults: DEFAULTS, guide: GUIDE, facts: () => ({ server: server() }) })
}
