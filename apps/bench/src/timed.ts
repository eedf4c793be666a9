import { setImmediate } from 'node:timers/promises'
import type { Course } from './course.ts'
import type { Lane } from './lanes.ts'

/** Nanoseconds that so many passes take. Throws where an answer was wrong: such a figure must not be shown. */
export async function timed(lane: Lane, course: Course, passes: number): Promise<number> {
  const plan = course.drive.plan(course.sequence, passes)
  // Timers and the like that the lane before left behind are not for this one to pay.
  await setImmediate()
  const loads = lane.origin.loads()
  const start = course.now()
  const sum = await course.drive.run(lane.ready.ask, plan)
  const elapsed = course.now() - start
  const due = course.sumOf(plan)
  if (sum !== due) throw new Error(`${where(lane, course)} gave wrong values: checksum ${sum}, not ${due}.`)
  checkLoads(lane, course, { loaded: lane.origin.loads() - loads, due: course.drive.loads(plan) })
  return elapsed
}

function checkLoads(lane: Lane, course: Course, { loaded, due }: { loaded: number; due: number }): void {
  if (loaded === due) return
  if (due === 0) throw new Error(`${where(lane, course)} was to hit, but loaded ${loaded} values.`)
  throw new Error(`${where(lane, course)} was to load ${due} values, each once, but loaded ${loaded}.`)
}

/** Asks for each key once, and throws at the first wrong answer. */
export async function verify(lane: Lane, course: Course): Promise<void> {
  for (const key of course.keys) {
    const answer = await lane.ready.ask(key)
    const due = course.valueOf(key)
    if (answer !== due) throw new Error(`${where(lane, course)} gave ${answer} for "${key}", not ${due}.`)
  }
}

function where({ name }: Lane, { suite }: Course): string {
  return `${suite}: ${name}`
}
