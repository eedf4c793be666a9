import type { Growth } from '../growth.ts'
import type { Suite } from '../suite.ts'
import { coldBurst } from './cold-burst.ts'
import { hitOneKey } from './hit-one-key.ts'
import { hitGrowth, hitSizes } from './hit-size.ts'
import { hitZipf } from './hit-zipf.ts'
import { distinctMisses } from './misses.ts'

/** Every suite, in the order in which they run. */
export const suites: readonly Suite[] = [hitOneKey, hitZipf, coldBurst, distinctMisses, ...hitSizes]
/** What is held between two of them. */
export const growths: readonly Growth[] = [hitGrowth]
