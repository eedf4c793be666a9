import { setTimeout as sleep } from 'node:timers/promises'
import { grid } from '../../grid.ts'
import type { Measuring, Shown, ShownSuite } from '../../shown-suite.ts'
import { peers, stampede } from '../contenders/index.ts'
import { allowances, type FleetLane, laneOf, versionCell } from '../lanes.ts'
import { Stage } from '../stage.ts'
import type { WorkerProcess } from '../worker-process.ts'

const FETCH = 100
const MOST_TRIES = 8
/** Longer than messages between processes take. */
const BEHIND = 100
const HEAD = ['contender', 'version', 'tries', 'fresh', 'stale', 'target']

export interface InvalidationLine {
  readonly lane: FleetLane
  /** For each try, whether both processes had the new value afterwards. */
  readonly fresh: readonly boolean[]
}

export const invalidation: ShownSuite = {
  name: 'invalidation',
  run: measuring => Stage.with(stage => run(stage, measuring)),
}

async function run(stage: Stage, { rounds }: Measuring): Promise<Shown> {
  const lines: InvalidationLine[] = []
  for (const lane of [stampede, ...peers].map(laneOf)) {
    const [fetching, changing] = [await stage.process(lane.contender), await stage.process(lane.contender)]
    const fresh: boolean[] = []
    for (let nth = 0; nth < Math.min(rounds, MOST_TRIES); nth += 1) {
      fresh.push(await isFresh(fetching, changing, `changed:${nth}`))
    }
    lines.push({ lane, fresh })
  }
  return { text: invalidationTable(lines), result: { name: 'invalidation', lines } }
}

/** What a process fetches is changed by another one, which says so, before the fetch is through. */
async function isFresh(fetching: WorkerProcess, changing: WorkerProcess, key: string): Promise<boolean> {
  await fetching.ask('begin', { key, value: `${key} old`, callers: 1, fetchMs: FETCH })
  await sleep(FETCH / 2)
  await changing.ask('invalidate', { key })
  await fetching.ask('finish', undefined)
  await sleep(BEHIND)
  const value = `${key} new`
  const values = [await changing.ask('read', { key, value }), await fetching.ask('read', { key, value })]
  return values.every(each => each === value)
}

export function invalidationTable(lines: readonly InvalidationLine[]): string {
  const rows = lines.map(({ lane, fresh }) => {
    const count = fresh.filter(Boolean).length
    const target = `fresh ${count} of ${fresh.length} ${count === fresh.length ? 'met' : 'missed'}`
    const counts = [fresh.length, count, fresh.length - count].map(String)
    return [lane.name, versionCell(lane), ...counts, lane.contender === stampede ? target : '']
  })
  const title = 'invalidation: another process invalidates the key while it is fetched; what both give afterwards'
  return `${title}\n\n${grid([HEAD, ...rows])}${allowances(lines.map(({ lane }) => lane))}`
}
