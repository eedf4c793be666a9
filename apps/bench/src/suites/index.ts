import type { Suite } from '../suite.ts'
import { hitOneKey } from './hit-one-key.ts'
import { hitZipf } from './hit-zipf.ts'

/** Every suite, in the order in which they run. */
export const suites: readonly Suite[] = [hitOneKey, hitZipf]
