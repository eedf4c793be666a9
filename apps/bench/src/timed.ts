import { setImmediate } from 'node:timers/promises'
import type { Course } from './course.ts'
import { drive } from './drive.ts'
import type { Lane } from './lanes.ts'

/** Nanoseconds that so many passes take. Throws where an answer was wrong: such a figure must not be shown. */
export async function timed(lane: Lane, course: Course, passes: number): Promise<number> {
  // Timers and the like that the lane before left behind are not for this one to pay.
  await setImmediate()
  const loads = lane.origin.loads()
  const start = course.now()
  const sum = await drive(lane.ready.ask, course.sequence, passes)
  const elapsed = course.now() - start
  const due = course.sumAfter(passes)
  if (sum !== due) throw new Error(`${where(lane, course)} gave wrong values: checksum ${sum}, not ${due}.`)
  const missed = lane.origin.loads() - loads
  if (missed > 0) throw new Error(`${where(lane, course)} was to hit, but loaded ${missed} values.`)
  return elapsed
}

/** Asks for each key once, and throws at the first wrong answer. */
export async function verify(lane: Lane, course: Course): Promise<void> {
  for (const key of course.keys) {
    const answer = await lane.ready.ask(key)
    const due = course.values.get(key)
    if (answer !== due) throw new Error(`${where(lane, course)} gave ${answer} for "${key}", not ${due}.`)
  }
}

function where({ name }: Lane, { suite }: Course): string {
  return `${suite}: ${name}`
}
