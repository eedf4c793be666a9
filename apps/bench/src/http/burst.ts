import { grid } from '../grid.ts'
import { schedule } from '../schedule.ts'
import type { Measuring } from '../shown-suite.ts'
import { quantile, type Summary, summary } from '../statistics.ts'
import { type Connection, openConnections, requestText } from './connection.ts'
import { FRAMEWORKS, type Framework, type Front, SLOW } from './served.ts'
import { type ServerProcess, startServer } from './server-process.ts'

const CLIENTS = 1000
const HEAD = ['server', 'clients', 'runs', 'p50 ms', 'q1..q3', 'p99 ms', 'q1..q3']

interface Burst {
  readonly runs: number
  readonly p50: number
  readonly p99: number
}

export interface BurstLine {
  readonly framework: Framework
  readonly front: Front
  readonly bursts: readonly Burst[]
}

interface Running {
  readonly line: BurstLine & { readonly bursts: Burst[] }
  readonly server: ServerProcess
  readonly connections: readonly Connection[]
}

/** Clients that request a new target at once, whose handler takes its time. */
export async function burstLines({ rounds, seed }: Pick<Measuring, 'rounds' | 'seed'>): Promise<readonly BurstLine[]> {
  const running: Running[] = []
  try {
    for (const framework of FRAMEWORKS) {
      for (const front of ['bare', 'stampede'] as const) running.push(await start(framework, front))
    }
    // One that does not count: it warms up.
    for (const each of running) await burst(each, 'warm')
    for (const [round, order] of schedule(running, rounds, seed).entries()) {
      for (const each of order) each.line.bursts.push(await burst(each, `${round}`))
    }
    return running.map(({ line }) => line)
  } finally {
    for (const { connections, server } of running) {
      for (const connection of connections) connection.close()
      await server.close()
    }
  }
}

async function start(framework: Framework, front: Front): Promise<Running> {
  const server = await startServer({ framework, front, answer: 'buffer', bytes: 1024, pace: 'slow' })
  return { line: { framework, front, bursts: [] }, server, connections: await openConnections(server.port, CLIENTS) }
}

async function burst({ server, connections }: Running, key: string): Promise<Burst> {
  const runsBefore = await server.ask('runs')
  const request = requestText(`/burst?round=${key}`)
  const began = performance.now()
  const times = await Promise.all(
    connections.map(async connection => {
      await connection.ask(request)
      return performance.now() - began
    }),
  )
  const runs = (await server.ask('runs')) - runsBefore
  return { runs, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

export function burstTable(lines: readonly BurstLine[]): string {
  const rows = lines.map(({ framework, front, bursts }) => [
    `${framework}, ${front}`,
    `${CLIENTS}`,
    summary(bursts.map(({ runs }) => runs)).median.toFixed(0),
    ...cellsOf(summary(bursts.map(({ p50 }) => p50))),
    ...cellsOf(summary(bursts.map(({ p99 }) => p99))),
  ])
  return `burst: clients at once on a cold key, whose handler takes ${SLOW} ms\n\n${grid([HEAD, ...rows], 1)}`
}

function cellsOf({ median, q1, q3 }: Summary): string[] {
  return [median.toFixed(0), `${q1.toFixed(0)}..${q3.toFixed(0)}`]
}
