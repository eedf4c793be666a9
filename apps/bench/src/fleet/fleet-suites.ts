import type { ShownSuite } from '../shown-suite.ts'
import { cold } from './suites/cold.ts'
import { sharedHit } from './suites/shared-hit.ts'

/** Every suite, in the order in which they run. */
export const fleetSuites: readonly ShownSuite[] = [cold, sharedHit]
