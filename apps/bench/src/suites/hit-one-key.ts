import { caches, storedPromise } from '../contenders/index.ts'
import type { Suite } from '../suite.ts'

const KEY = 'report:1'
const DRAWS = 16_384

export const hitOneKey: Suite = {
  name: 'hit-one-key',
  about: 'warm hits on one hot key',
  floor: storedPromise,
  rivals: caches,
  workload: () => ({ keys: [KEY], sequence: Array.from({ length: DRAWS }, () => KEY) }),
}
