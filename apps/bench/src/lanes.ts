import type { Contender, Ready } from './contender.ts'
import type { Course } from './course.ts'
import { type Origin, originOf } from './origin.ts'
import type { Suite } from './suite.ts'

export type Role = 'floor' | 'control' | 'rival'

/** A contender that is ready to run, with an origin of its own. */
export interface Lane {
  readonly name: string
  readonly role: Role
  readonly contender: Contender
  readonly origin: Origin
  readonly ready: Ready
}

/** The floor, the floor once more as its control, and the rivals. If one fails to get ready, the others are closed. */
export async function openLanes({ floor, rivals }: Suite, course: Course): Promise<Lane[]> {
  const lanes: Lane[] = []
  try {
    lanes.push(await open(floor, 'floor', floor.name, course))
    lanes.push(await open(floor, 'control', `${floor.name}, again`, course))
    for (const rival of rivals) lanes.push(await open(rival, 'rival', rival.name, course))
    return lanes
  } catch (error) {
    await closeLanes(lanes)
    throw error
  }
}

export async function closeLanes(lanes: readonly Lane[]): Promise<void> {
  for (const { ready } of lanes) await ready.close?.()
}

async function open(contender: Contender, role: Role, name: string, course: Course): Promise<Lane> {
  const { keys, valueOf, drive } = course
  const origin = originOf({ keys, valueOf, pause: drive.pause })
  return { name, role, contender, origin, ready: await contender.prepare(origin) }
}
