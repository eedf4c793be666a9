import type { Out } from '../out.ts'
import { shownCommand } from '../shown-command.ts'
import type { ShownSuite } from '../shown-suite.ts'

/** What the command reaches outside itself. */
export interface HttpWorld extends Out {
  readonly suites: readonly ShownSuite[]
  /** Keeps this process to a core of its own. Returns how the processes are placed. */
  readonly pin: () => string
}

/** Nanoseconds that one server takes in one round. */
const DEFAULTS = { command: 'bench:http', target: 1e9, quickTarget: 50e6 }
const GUIDE =
  'x Buffer, x JSON: median over the rounds of requests a second over those of the bare handler in the same round; more is better. control: the bare handler over itself.'

/** Does what the command line says; returns the exit code: 2 for wrong arguments, 1 where a server fails. */
export function httpCommand(given: readonly string[], { pin, ...world }: HttpWorld): Promise<number> {
  return shownCommand(given, { ...world, defaults: DEFAULTS, guide: GUIDE, facts: () => ({ placed: pin() }) })
}
