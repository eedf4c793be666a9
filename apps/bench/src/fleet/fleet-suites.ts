import type { ShownSuite } from '../shown-suite.ts'
import { cold } from './suites/cold.ts'
import { httpHit } from './suites/http-hit.ts'
import { invalidation } from './suites/invalidation.ts'
import { leader } from './suites/leader.ts'
import { localHit } from './suites/local-hit.ts'
import { outages } from './suites/outage.ts'
import { sharedHit } from './suites/shared-hit.ts'
import { tags } from './suites/tags.ts'

/** Every suite, in the order in which they run. */
export const fleetSuites: readonly ShownSuite[] = [
  cold,
  leader,
  ...outages,
  invalidation,
  tags,
  sharedHit,
  localHit,
  httpHit,
]
