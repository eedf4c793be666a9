import { grid } from '../../grid.ts'
import { schedule } from '../../schedule.ts'
import type { Measuring, Shown, ShownSuite } from '../../shown-suite.ts'
import { pairedRatios, type Summary, summary } from '../../statistics.ts'
import { verdict } from '../../target.ts'
import { asyncCacheDedupe, bentocache, cacheable, rawGet, rawGetOfNodeRedis, stampede } from '../contenders/index.ts'
import type { Hit } from '../jobs.ts'
import { allowances, type FleetLane, laneOf, versionCell } from '../lanes.ts'
import { Stage } from '../stage.ts'
import type { WorkerProcess } from '../worker-process.ts'

const BYTES = 1024
/** So many more keys than entries in memory: what is asked for in turn is never there. */
const KEYS = 5_000
const ENTRIES = 10
const AT_ONCE = 64
/** All processes are started so many times: of two that do the same, one may take a fifth more than the other. */
const LAUNCHES = 3
/** Warm-up, in rounds. */
const WARM_UP = 5
/** Of the hits, so many must be hits in Redis too. */
const LEAST_SHARED = 0.98
const AT_MOST = 2
const HEAD = ['contender', 'version', 'cpu us/hit', 'q1..q3', 'hits/s', 'x raw GET', 'q1..q3', 'control', 'target']

interface SharedLane extends FleetLane {
  /** The lane of the same client, without anything on it. */
  readonly floor: string
}

const CONTROL = `${rawGet.name}, again`

const LANES: readonly SharedLane[] = [
  { ...laneOf(rawGet), floor: rawGet.name },
  { name: CONTROL, contender: rawGet, floor: rawGet.name },
  ...[stampede, bentocache, asyncCacheDedupe].map(each => ({ ...laneOf(each), floor: rawGet.name })),
  ...[rawGetOfNodeRedis, cacheable].map(each => ({ ...laneOf(each), floor: rawGetOfNodeRedis.name })),
]

export interface SharedLine {
  readonly lane: SharedLane
  readonly hits: readonly Hit[]
}

interface Running extends SharedLine {
  readonly hits: Hit[]
  readonly worker: WorkerProcess
}

export const sharedHit: ShownSuite = {
  name: 'shared-hit',
  async run(measuring) {
    const lines = LANES.map(lane => ({ lane, hits: [] as Hit[] }))
    for (let launch = 0; launch < Math.min(LAUNCHES, measuring.rounds); launch += 1) {
      const rounds = Math.floor((measuring.rounds + launch) / LAUNCHES)
      await Stage.with(stage => launched(stage, lines, { ...measuring, rounds, seed: measuring.seed + launch }))
    }
    return shown(lines)
  },
}

async function launched(stage: Stage, lines: readonly SharedLine[], { rounds, seed, ms }: Measuring): Promise<void> {
  const running: Running[] = []
  for (const { lane, hits } of lines) {
    const worker = await stage.process(lane.contender, ENTRIES)
    await worker.ask('fill', { from: 0, to: KEYS, bytes: BYTES, isTagged: false })
    running.push({ lane, hits: hits as Hit[], worker })
  }
  for (const { worker } of running) await worker.ask('hits', { ...asked, ms: ms * WARM_UP })
  for (const each of schedule(running, rounds, seed).flat()) {
    const before = await stage.keyspaceHits()
    const hit = await each.worker.ask('hits', { ...asked, ms })
    const shared = (await stage.keyspaceHits()) - before
    if (shared < hit.hits * LEAST_SHARED)
      throw new Error(`"${each.lane.name}" hit ${hit.hits}, but in Redis ${shared}.`)
    each.hits.push(hit)
  }
}

const asked = { keys: KEYS, bytes: BYTES, atOnce: AT_ONCE }

function shown(lines: readonly SharedLine[]): Shown {
  return { text: sharedTable(lines), result: { name: 'shared-hit', lines } }
}

export function sharedTable(lines: readonly SharedLine[]): string {
  const cpuOf = (name: string): readonly number[] =>
    lines.find(({ lane }) => lane.name === name)?.hits.map(({ cpu }) => cpu) ?? []
  const ratioOf = ({ lane }: SharedLine): Summary => summary(pairedRatios(cpuOf(lane.name), cpuOf(lane.floor)))
  const control = lines.filter(({ lane }) => lane.name === CONTROL).map(ratioOf)[0]
  const rows = lines.map(line => {
    const { lane, hits } = line
    const ratio = ratioOf(line)
    return [
      lane.name,
      versionCell(lane),
      ...cells(summary(hits.map(({ cpu }) => cpu)), 1),
      summary(hits.map(({ hitsPerSecond }) => hitsPerSecond)).median.toFixed(0),
      ...(lane.name === lane.floor ? ['floor', '', ''] : [...cells(ratio, 2), control?.median.toFixed(2) ?? '']),
      lane.contender === stampede ? verdict(ratio.median, { atMost: AT_MOST }) : '',
    ]
  })
  const title = `shared-hit: a hit in Redis of a value of ${BYTES} bytes that is not in memory, ${AT_ONCE} at a time`
  return `${title}\n\n${grid([HEAD, ...rows])}${allowances(lines.map(({ lane }) => lane))}`
}

function cells({ median, q1, q3 }: Summary, digits: number): string[] {
  return [median.toFixed(digits), `${q1.toFixed(digits)}..${q3.toFixed(digits)}`]
}
