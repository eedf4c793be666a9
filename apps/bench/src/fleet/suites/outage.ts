import { setTimeout as sleep } from 'node:timers/promises'
import { grid } from '../../grid.ts'
import type { Measuring, Shown, ShownSuite } from '../../shown-suite.ts'
import { summary } from '../../statistics.ts'
import { verdict } from '../../target.ts'
import { impatientPeers, peers, stampede } from '../contenders/index.ts'
import { allowances, type FleetLane, lanesWith, versionCell } from '../lanes.ts'
import { Stage } from '../stage.ts'
import { burstOf, type ColdBurst } from './cold.ts'

const PROCESSES = 2
const FETCH = 20
const EVERY = 5
const OUTAGE = 3_000
/** Under load before, so that all is warm; and in a round that is only to show that all works. */
const BEFORE = 1_000
const SHORT_OUTAGE = 300
/** What the last of hundred callers may wait beyond the fetch, milliseconds. */
const BEYOND = 120
const MOST_ROUNDS = 3
const SHORT = 100
const HEAD = ['contender', 'version', 'callers', 'p50 ms', 'p99 ms', 'q1..q3', 'max ms', 'errors', 'target']

type Way = 'hung' | 'killed'

export interface OutageLine {
  readonly lane: FleetLane
  readonly outages: readonly (ColdBurst & { readonly callers: number })[]
}

export const outages: readonly ShownSuite[] = [suiteOf('hung'), suiteOf('killed')]

function suiteOf(way: Way): ShownSuite {
  return { name: way, run: measuring => run(way, measuring) }
}

async function run(way: Way, { rounds, ms }: Measuring): Promise<Shown> {
  const lasts = ms < SHORT ? SHORT_OUTAGE : OUTAGE
  const lines = lanesWith([...peers, ...impatientPeers]).map(lane => ({ lane, outages: [] as OutageLine['outages'] }))
  for (let nth = 0; nth < Math.min(rounds, MOST_ROUNDS); nth += 1) {
    const order = nth % 2 === 0 ? lines : lines.toReversed()
    for (const line of order) {
      line.outages = [...line.outages, await Stage.with(stage => outage(stage, line.lane, way, lasts))]
    }
  }
  return { text: outageTable(way, lasts, lines), result: { name: way, lines } }
}

/** The callers while the server does not answer, including those whose answer arrives after it does again. */
async function outage(
  stage: Stage,
  { contender }: FleetLane,
  way: Way,
  ms: number,
): Promise<OutageLine['outages'][number]> {
  const workers = await stage.processes(contender, PROCESSES)
  const load = (prefix: string, lasts: number): Promise<ColdBurst & { readonly callers: number }> =>
    Promise.all(
      workers.map((worker, index) =>
        worker.ask('arrivals', { prefix: `${prefix}:${index}`, ms: lasts, everyMs: EVERY, fetchMs: FETCH }),
      ),
    ).then(answers => ({ ...burstOf(answers), callers: answers.reduce((sum, { times }) => sum + times.length, 0) }))
  await load('before', BEFORE)
  if (way === 'hung') stage.server.pause()
  else await stage.server.kill()
  const [loaded] = await Promise.all([load('during', ms), over(stage, way, ms)])
  return loaded
}

async function over({ server }: Stage, way: Way, ms: number): Promise<void> {
  await sleep(ms)
  if (way === 'hung') server.resume()
  else await server.start()
}

export function outageTable(way: Way, ms: number, lines: readonly OutageLine[]): string {
  const rows = lines.map(({ lane, outages: all }) => {
    const of = (figure: keyof ColdBurst | 'callers') => summary(all.map(each => each[figure]))
    const p99 = of('p99')
    const errors = of('errors').max
    const targets = [
      `p99 ${verdict(p99.median, { atMost: FETCH + BEYOND })}`,
      `errors ${verdict(errors, { atMost: 0 })}`,
    ]
    return [
      lane.name,
      versionCell(lane),
      of('callers').median.toFixed(0),
      of('p50').median.toFixed(0),
      p99.median.toFixed(0),
      `${p99.q1.toFixed(0)}..${p99.q3.toFixed(0)}`,
      of('max').median.toFixed(0),
      `${errors}`,
      lane.contender === stampede ? targets.join(', ') : '',
    ]
  })
  const what = way === 'hung' ? 'stands still' : 'is killed, and started again after'
  const title =
    `${way}: the server ${what} ${ms} ms; ${PROCESSES} processes, each with a caller every ${EVERY} ms for a key of its own, ` +
    `whose fetch takes ${FETCH} ms`
  return `${title}\n\n${grid([HEAD, ...rows])}${allowances(lines.map(({ lane }) => lane))}`
}
