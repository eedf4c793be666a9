import { grid } from '../../grid.ts'
import { schedule } from '../../schedule.ts'
import type { Measuring, Shown, ShownSuite } from '../../shown-suite.ts'
import { quantile, summary } from '../../statistics.ts'
import { verdict } from '../../target.ts'
import { stampede } from '../contenders/index.ts'
import type { Answers } from '../jobs.ts'
import { allowances, type FleetLane, peerLanes, versionCell } from '../lanes.ts'
import { Stage } from '../stage.ts'
import type { WorkerProcess } from '../worker-process.ts'

const PROCESSES = 4
const CALLERS = 250
const FETCH = 200
/** What the last of hundred callers may wait beyond the fetch, milliseconds. */
const BEYOND = 60
const MOST_ROUNDS = 11
const HEAD = ['contender', 'version', 'fetches', 'p50 ms', 'q1..q3', 'p99 ms', 'q1..q3', 'max ms', 'errors', 'target']

/** A burst over all processes. */
export interface ColdBurst {
  readonly fetches: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly errors: number
}

export interface ColdLine {
  readonly lane: FleetLane
  readonly bursts: readonly ColdBurst[]
}

interface Running {
  readonly lane: FleetLane
  readonly bursts: ColdBurst[]
  readonly workers: readonly WorkerProcess[]
}

export const cold: ShownSuite = {
  name: 'cold',
  run: measuring => Stage.with(stage => run(stage, measuring)),
}

async function run(stage: Stage, { rounds, seed }: Measuring): Promise<Shown> {
  const running: Running[] = []
  for (const lane of peerLanes) {
    running.push({ lane, bursts: [], workers: await stage.processes(lane.contender, PROCESSES) })
  }
  // One that does not count: it warms up.
  for (const { workers } of running) await burst(workers, 'warm')
  for (const [round, order] of schedule(running, Math.min(rounds, MOST_ROUNDS), seed).entries()) {
    for (const { bursts, workers } of order) bursts.push(await burst(workers, `cold:${round}`))
  }
  const lines = running.map(({ lane, bursts }) => ({ lane, bursts }))
  return { text: coldTable(lines), result: { name: 'cold', lines } }
}

async function burst(workers: readonly WorkerProcess[], key: string): Promise<ColdBurst> {
  const asked = { key, value: key, callers: CALLERS, fetchMs: FETCH }
  return burstOf(await Promise.all(workers.map(worker => worker.ask('burst', asked))))
}

export function burstOf(answers: readonly Answers[]): ColdBurst {
  const times = answers.flatMap(answer => answer.times)
  const sum = (of: 'fetches' | 'errors'): number => answers.reduce((total, answer) => total + answer[of], 0)
  const [p50, p99, max] = [0.5, 0.99, 1].map(share => quantile(times, share)) as [number, number, number]
  return { fetches: sum('fetches'), p50, p99, max, errors: sum('errors') }
}

export function coldTable(lines: readonly ColdLine[]): string {
  const rows = lines.map(({ lane, bursts }) => {
    const of = (figure: keyof ColdBurst) => summary(bursts.map(each => each[figure]))
    const [fetches, p50, p99] = [of('fetches'), of('p50'), of('p99')]
    const met = [verdict(fetches.max, { atMost: 1 }), `p99 ${verdict(p99.median, { atMost: FETCH + BEYOND })}`]
    return [
      lane.name,
      versionCell(lane),
      fetches.min === fetches.max ? `${fetches.max}` : `${fetches.min}..${fetches.max}`,
      ...[p50, p99].flatMap(({ median, q1, q3 }) => [median.toFixed(0), `${q1.toFixed(0)}..${q3.toFixed(0)}`]),
      of('max').median.toFixed(0),
      `${of('errors').max}`,
      lane.contender === stampede ? met.join(', ') : '',
    ]
  })
  const title = `cold: ${PROCESSES} processes, ${CALLERS} callers in each, at once on a cold key; a fetch takes ${FETCH} ms`
  return `${title}\n\n${grid([HEAD, ...rows])}${allowances(lines.map(({ lane }) => lane))}`
}
