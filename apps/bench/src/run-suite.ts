import { calibrate, type Paced } from './calibrate.ts'
import { type Course, courseOf, type Now } from './course.ts'
import { closeLanes, type Lane, openLanes } from './lanes.ts'
import { type Measured, type SuiteResult, suiteResult } from './results.ts'
import { schedule } from './schedule.ts'
import type { Suite } from './suite.ts'
import { timed, verify } from './timed.ts'
import { versionOf } from './versions.ts'

export interface RunSettings {
  readonly rounds: number
  readonly seed: number
  /** Nanoseconds that one contender should take in one round. */
  readonly target: number
  readonly now: Now
}

/** Readies, checks and warms up all contenders of a suite, then measures them in alternated rounds. */
export async function runSuite(suite: Suite, { rounds, seed, target, now }: RunSettings): Promise<SuiteResult> {
  const course = courseOf(suite, seed, now)
  const lanes = await openLanes(suite, course)
  try {
    for (const lane of lanes) await verify(lane, course)
    const paced = await calibrate(lanes, course, target)
    const order = schedule(paced, rounds, seed)
    const figures = await measure(order, course)
    return suiteResult({
      name: suite.name,
      about: suite.about,
      measured: paced.map(each => ({
        ...measuredOf(each, course, figures.get(each.lane) ?? []),
        target: targetOf(suite, each.lane),
      })),
      order: order.map(round => round.map(({ lane }) => lane.name)),
    })
  } finally {
    await closeLanes(lanes)
  }
}

/** Nanoseconds per operation of each lane, round by round. */
async function measure(order: readonly (readonly Paced[])[], course: Course): Promise<ReadonlyMap<Lane, number[]>> {
  const figures = new Map<Lane, number[]>()
  for (const { lane, passes } of order.flat()) {
    const figure = (await timed(lane, course, passes)) / operations(passes, course)
    figures.set(lane, [...(figures.get(lane) ?? []), figure])
  }
  return figures
}

function measuredOf({ lane, passes }: Paced, course: Course, rounds: readonly number[]): Omit<Measured, 'target'> {
  const { name, role, contender } = lane
  const version = contender.package === undefined ? undefined : versionOf(contender.package)
  return { name, role, version, allowance: contender.allowance, operations: operations(passes, course), rounds }
}

function targetOf({ targets = [] }: Suite, { contender, role }: Lane): number | undefined {
  return role === 'rival' ? targets.find(target => target.contender === contender.name)?.atMost : undefined
}

function operations(passes: number, { sequence }: Course): number {
  return passes * sequence.length
}
