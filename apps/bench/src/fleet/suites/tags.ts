import { setTimeout as sleep } from 'node:timers/promises'
import { grid } from '../../grid.ts'
import type { Measuring, Shown, ShownSuite } from '../../shown-suite.ts'
import { summary } from '../../statistics.ts'
import { verdict } from '../../target.ts'
import { taggedKey } from '../contender.ts'
import { asyncCacheDedupe, bentocache, stampede } from '../contenders/index.ts'
import { allowances, type FleetLane, laneOf, versionCell } from '../lanes.ts'
import { Stage } from '../stage.ts'
import type { WorkerProcess } from '../worker-process.ts'

const FEW = 1_000
const MORE = 100_000
/** In a round that is only to show that all works. */
const MORE_IN_SHORT = 1_000
const BYTES = 100
/** In the memory of the process, which removes tagged entries at once: the defaults of Stampede and bentocache. */
const ENTRIES = 1_000
/** What stores runs behind the answers. */
const BEHIND = 200
const MOST_ROUNDS = 3
/** Milliseconds. */
const AT_MOST = 10
/** Shorter rounds are to show that all works. */
const SHORT = 100

export interface TagsLine {
  readonly lane: FleetLane
  /** Milliseconds with few and with many tagged keys, per round. */
  readonly few: readonly number[]
  readonly many: readonly number[]
}

export const tags: ShownSuite = {
  name: 'tags',
  run: measuring => run(measuring),
}

async function run({ rounds, ms }: Measuring): Promise<Shown> {
  const more = ms < SHORT ? MORE_IN_SHORT : MORE
  const lines: { lane: FleetLane; few: number[]; many: number[] }[] = []
  for (const lane of [stampede, bentocache, asyncCacheDedupe].map(laneOf)) {
    const line = { lane, few: [] as number[], many: [] as number[] }
    for (let nth = 0; nth < Math.min(rounds, MOST_ROUNDS); nth += 1) {
      await Stage.with(async stage => {
        const worker = await stage.process(lane.contender, ENTRIES)
        // One that does not count: it warms up.
        await invalidated(worker, 0, FEW)
        line.few.push(await invalidated(worker, 0, FEW))
        // Invalidated ones are stored again.
        line.many.push(await invalidated(worker, 0, FEW + more))
      })
    }
    lines.push(line)
  }
  return { text: tagsTable(lines, FEW + more), result: { name: 'tags', keys: [FEW, FEW + more], lines } }
}

async function invalidated(worker: WorkerProcess, from: number, to: number): Promise<number> {
  await worker.ask('fill', { from, to, bytes: BYTES, isTagged: true })
  await sleep(BEHIND)
  const took = await worker.ask('invalidateTag', undefined)
  for (const index of [from, to - 1]) {
    const value = await worker.ask('read', { key: taggedKey(index), value: 'new' })
    if (value !== 'new') throw new Error(`"${taggedKey(index)}" was to be invalidated by its tag.`)
  }
  return took
}

export function tagsTable(lines: readonly TagsLine[], many: number): string {
  const head = ['contender', 'version', `ms at ${FEW}`, `ms at ${many}`, 'growth', 'target']
  const rows = lines.map(line => {
    const [few, more] = [summary(line.few).median, summary(line.many).median]
    return [
      line.lane.name,
      versionCell(line.lane),
      few.toFixed(1),
      more.toFixed(1),
      (more / few).toFixed(1),
      line.lane.contender === stampede ? verdict(more, { atMost: AT_MOST }) : '',
    ]
  })
  const title = 'tags: how long it takes to invalidate a tag, by how many keys bear it; cacheable has no tags'
  return `${title}\n\n${grid([head, ...rows])}${allowances(lines.map(({ lane }) => lane))}`
}
