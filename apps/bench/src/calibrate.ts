import type { Course } from './course.ts'
import type { Lane } from './lanes.ts'
import { timed } from './timed.ts'

/** A lane, and how many passes make a round of it. */
export interface Paced {
  readonly lane: Lane
  readonly passes: number
}

/** Each finds the next number of passes with code that is warmer than before. */
const WARM_UPS = 4
const MAX_PASSES = 10_000

/** Warms all lanes up in turns, and finds the passes with which each takes about `target` nanoseconds. */
export async function calibrate(lanes: readonly Lane[], course: Course, target: number): Promise<Paced[]> {
  let paced = lanes.map((lane): Paced => ({ lane, passes: 1 }))
  for (let turn = 0; turn < WARM_UPS; turn += 1) {
    const next: Paced[] = []
    for (const { lane, passes } of paced) {
      const elapsed = await timed(lane, course, passes)
      next.push({ lane, passes: passesFor(target, elapsed / passes) })
    }
    paced = next
  }
  return paced.map(each => (each.lane.role === 'control' ? { ...each, passes: floorPasses(paced) } : each))
}

/** At least one; bounded, for a pass may be too short for the clock. */
export function passesFor(target: number, onePass: number): number {
  if (onePass <= 0) return MAX_PASSES
  return Math.min(MAX_PASSES, Math.max(1, Math.round(target / onePass)))
}

/** The control does exactly what the floor does. */
function floorPasses(paced: readonly Paced[]): number {
  return paced.find(({ lane }) => lane.role === 'floor')?.passes ?? 1
}
