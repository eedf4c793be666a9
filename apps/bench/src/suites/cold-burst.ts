import { bareMapOverLru, coalescers, stampede } from '../contenders/index.ts'
import { bursts } from '../drives/bursts.ts'
import type { Suite } from '../suite.ts'

const CALLERS = 1_000
const AT_MOST = 0.7

export const coldBurst: Suite = {
  name: 'cold-burst',
  about: `${CALLERS} callers at once on a cold key, whose load takes a turn of the event loop; an op is a whole burst`,
  floor: bareMapOverLru,
  rivals: coalescers,
  workload: () => ({ keys: [], sequence: ['burst'] }),
  drive: bursts(CALLERS),
  targets: [{ contender: stampede.name, atMost: AT_MOST }],
}
