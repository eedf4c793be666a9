import { setTimeout as elapse } from 'node:timers/promises'
import { SLACK } from './death-scene.ts'
import { type Asked, EVERY, SteadyLoad } from './steady-load.ts'
import type { FleetStage } from './stage.ts'
import { broken, counted, latencies, ms, quantile, together, type Told } from './told.ts'

/** How long the load runs before the store stands still. */
const BEFORE = 1_000
/** The longest wait of a breaker between two looks, with the look itself and some slack. */
const LONGEST_RETURN = 5_000 + SLACK
/** Keys in a row that one process ran for all, until the fleet counts as whole again. */
const IN_A_ROW = 4

/** What was asked of the processes, and when the store stood still. */
interface Outage {
  readonly startedAt: number
  readonly stoppedAt: number
  readonly resumedAt: number
  /** What a request takes on this machine while the store runs. */
  readonly usual: number
  /** When they were one fleet again. */
  readonly wholeAt: number
  readonly done: readonly Asked[]
}

/** The store stands still under load: connections stay open, nothing is answered. */
export async function outageScene(stage: FleetStage): Promise<Told> {
  return toldOf(stage, await outage(stage))
}

async function outage(stage: FleetStage): Promise<Outage> {
  const startedAt = performance.now()
  const load = new SteadyLoad(stage)
  await elapse(BEFORE)
  while (load.done.length < IN_A_ROW) await elapse(EVERY)
  const usual = quantile(timesOf(load.done), 1)
  const stoppedAt = performance.now()
  stage.redis.pause()
  await elapse(stage.figures.outage)
  const resumedAt = performance.now()
  stage.redis.resume()
  const wholeAt = await whole(load, resumedAt, longestReturn(usual) + SLACK)
  await load.stop()
  return { startedAt, stoppedAt, resumedAt, usual, wholeAt, done: load.done }
}

function toldOf(stage: FleetStage, { startedAt, stoppedAt, resumedAt, usual, wholeAt, done }: Outage): Told {
  const { members, figures } = stage
  const { timeout } = figures
  const early = done.filter(({ endedAt }) => endedAt < stoppedAt)
  const without = done.filter(({ at }) => at >= stoppedAt && at < resumedAt)
  const all = together(done.map(({ burst }) => burst))
  const times = timesOf(without)
  const moments = members.flatMap(({ store }) => store)
  const opened = moments.filter(({ event, at }) => event === 'open' && at > stoppedAt).map(({ at }) => at - stoppedAt)
  return {
    isBusy: stage.wasBusy(startedAt, stoppedAt) || stage.wasBusy(resumedAt + timeout),
    title: `The store stands still for ${ms(resumedAt - stoppedAt)} ms under load: every ${EVERY} ms one new key, asked of all processes`,
    lines: [
      `Before: ${runsOf(early)}. Meanwhile: ${runsOf(without)}, at most ${counted(mostByOne(without), 'run')} in any process.`,
      `${counted(all.requests, 'request')}: ${all.right} right answers, ${counted(all.errors.length, 'error')}. Those asked meanwhile: ${latencies(times)}.`,
      `Every process had stopped asking the store after ${ms(Math.max(...opened))} ms, and ${ms(wholeAt - resumedAt)} ms after it went on they were one fleet again.`,
    ],
    broken: broken([
      { what: 'right answers', seen: all.right, expected: all.requests },
      { what: 'runs a key before', seen: most(early), expected: 1 },
      { what: 'runs a key in one process', seen: mostByOne(done), expected: 1 },
      { what: 'the longest wait, ms', seen: quantile(times, 1), expected: { atMost: 2 * usual + 3 * timeout + SLACK } },
      { what: 'ms until they shared again', seen: wholeAt - resumedAt, expected: { atMost: longestReturn(usual) } },
    ]),
  }
}

/** The keys that show it take their time, too. */
function longestReturn(usual: number): number {
  return LONGEST_RETURN + IN_A_ROW * usual
}

/** When the fleet was one again: from then on, one process ran the handler for all. */
async function whole(load: SteadyLoad, since: number, limit: number): Promise<number> {
  while (performance.now() < since + limit) {
    const last = load.done
      .filter(({ at }) => at > since)
      .toSorted((a, b) => a.at - b.at)
      .slice(-IN_A_ROW)
    if (last.length === IN_A_ROW && most(last) === 1) return last[0]?.at ?? since
    await elapse(10)
  }
  return Number.POSITIVE_INFINITY
}

function timesOf(asked: readonly Asked[]): readonly number[] {
  return together(asked.map(({ burst }) => burst)).times
}

function runsOf(asked: readonly Asked[]): string {
  const runs = asked.reduce((total, { runners }) => total + runners.length, 0)
  return `${counted(asked.length, 'key')}, ${(runs / Math.max(1, asked.length)).toFixed(1)} runs a key`
}

function most(asked: readonly Asked[]): number {
  return Math.max(0, ...asked.map(({ runners }) => runners.length))
}

function mostByOne(asked: readonly Asked[]): number {
  const counts = asked.flatMap(({ runners }) => runners.map(name => runners.filter(other => other === name).length))
  return Math.max(0, ...counts)
}
