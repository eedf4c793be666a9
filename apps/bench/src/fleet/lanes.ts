import { versionOf } from '../versions.ts'
import type { FleetContender } from './contender.ts'
import { alone, peers, stampede } from './contenders/index.ts'

/** One row of a table. */
export interface FleetLane {
  readonly name: string
  readonly contender: FleetContender
}

const CONTROL: string = `${alone.name}, again`

/** Stampede, the same without a store twice, which shows the noise, and the peers. */
export function lanesWith(more: readonly FleetContender[]): readonly FleetLane[] {
  return [laneOf(stampede), laneOf(alone), { name: CONTROL, contender: alone }, ...more.map(laneOf)]
}

export const peerLanes: readonly FleetLane[] = lanesWith(peers)

export function laneOf(contender: FleetContender): FleetLane {
  return { name: contender.name, contender }
}

export function versionCell({ contender }: FleetLane): string {
  return contender.package === undefined ? '-' : (versionOf(contender.package) ?? '-')
}

/** What to allow for, under a table. */
export function allowances(lanes: readonly FleetLane[]): string {
  const lines = lanes.flatMap(({ name, contender: { allowance } }) =>
    allowance === undefined || name === CONTROL ? [] : [`Allow for ${name}: ${allowance}.`],
  )
  return lines.length === 0 ? '' : `\n\n${lines.join('\n')}`
}
