import { bareMapOverLru, loaders, stampede } from '../contenders/index.ts'
import { misses } from '../drives/misses.ts'
import type { Suite } from '../suite.ts'

const NAMES = 1_024
const AT_MOST = 1.25

export const distinctMisses: Suite = {
  name: 'misses',
  about: 'distinct cold keys, one after another, into a cache that is full; each load is there at once',
  floor: bareMapOverLru,
  rivals: loaders,
  workload: () => ({ keys: [], sequence: Array.from({ length: NAMES }, (_, index) => `report:${index}`) }),
  drive: misses,
  targets: [{ contender: stampede.name, atMost: AT_MOST }],
}
