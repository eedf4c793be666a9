import { grid } from '../../grid.ts'
import { type Connection, openConnections, requestText } from '../../http/connection.ts'
import type { Served } from '../../http/served.ts'
import { type ServerProcess, startServer } from '../../http/server-process.ts'
import { schedule } from '../../schedule.ts'
import type { Measuring, Shown, ShownSuite } from '../../shown-suite.ts'
import { pairedRatios, type Summary, summary } from '../../statistics.ts'
import { Stage } from '../stage.ts'

const BYTES = 1024
const PATHS = 2_000
const CONNECTIONS = 64
/** Warm-up, in rounds. */
const WARM_UP = 5
/** Of the hits, so many must be hits in Redis too. */
const LEAST_SHARED = 0.98
const SECOND = 1_000
const HIT = /\r\ncache-status: [^\r]*hit/i
const HEAD = ['server', 'req/s', 'cpu us', 'q1..q3', 'x bare', 'q1..q3', 'control']
const BARE = 'bare handler'
const CONTROL = `${BARE}, again`

interface HttpHit {
  readonly requestsPerSecond: number
  /** Microseconds of the server's processor for a request. */
  readonly cpu: number
}

export interface HttpHitLine {
  readonly name: string
  readonly samples: readonly HttpHit[]
}

interface Running {
  readonly name: string
  readonly samples: HttpHit[]
  readonly isShared: boolean
  readonly server: ServerProcess
  readonly connections: readonly Connection[]
}

const bare: Served = { framework: 'fastify', front: 'bare', answer: 'buffer', bytes: BYTES, pace: 'ready' }
const requests = Array.from({ length: PATHS }, (_, index) => requestText(`/path/${index}`))

export const httpHit: ShownSuite = {
  name: 'http-hit',
  run: measuring => Stage.with(stage => run(stage, measuring)),
}

async function run(stage: Stage, { rounds, seed, ms }: Measuring): Promise<Shown> {
  const running: Running[] = []
  try {
    running.push(await start(BARE, bare))
    running.push(await start(CONTROL, bare))
    running.push(await start('hit in Redis', { ...bare, front: 'stampede', redis: stage.server.port }))
    for (const each of running) {
      // All paths are asked for once before any is to be a hit.
      for (const request of requests) await each.connections[0]?.ask(request)
      await sample(stage, each, ms * WARM_UP)
    }
    for (const each of schedule(running, rounds, seed).flat()) each.samples.push(await sample(stage, each, ms))
  } finally {
    for (const { connections, server } of running) {
      for (const connection of connections) connection.close()
      await server.close()
    }
  }
  const lines = running.map(({ name, samples }) => ({ name, samples }))
  return { text: httpHitTable(lines), result: { name: 'http-hit', lines } }
}

async function start(name: string, served: Served): Promise<Running> {
  const server = await startServer(served)
  const connections = await openConnections(server.port, CONNECTIONS)
  return { name, samples: [], isShared: served.redis !== undefined, server, connections }
}

async function sample(stage: Stage, { name, isShared, server, connections }: Running, ms: number): Promise<HttpHit> {
  const hitsBefore = await stage.keyspaceHits()
  const cpuBefore = await server.ask('cpu')
  const began = performance.now()
  let asked = 0
  const oneAfterAnother = async (connection: Connection): Promise<void> => {
    while (performance.now() < began + ms) {
      const request = requests[asked % PATHS] ?? ''
      asked += 1
      const head = await connection.ask(request)
      if (isShared && !HIT.test(head)) throw new Error(`"${name}" answered with ${head}`)
    }
  }
  await Promise.all(connections.map(oneAfterAnother))
  const took = performance.now() - began
  const cpu = ((await server.ask('cpu')) - cpuBefore) / asked
  const hits = (await stage.keyspaceHits()) - hitsBefore
  if (isShared && hits < asked * LEAST_SHARED) throw new Error(`"${name}" hit ${asked}, but in Redis ${hits}.`)
  return { requestsPerSecond: (asked / took) * SECOND, cpu }
}

export function httpHitTable(lines: readonly HttpHitLine[]): string {
  const cpuOf = (name: string): readonly number[] =>
    lines.find(line => line.name === name)?.samples.map(({ cpu }) => cpu) ?? []
  const over = (name: string): Summary => summary(pairedRatios(cpuOf(name), cpuOf(BARE)))
  const rows = lines.map(({ name, samples }) => [
    name,
    summary(samples.map(({ requestsPerSecond }) => requestsPerSecond)).median.toFixed(0),
    ...cells(summary(cpuOf(name)), 1),
    ...(name === BARE ? ['floor', '', ''] : [...cells(over(name), 2), over(CONTROL).median.toFixed(2)]),
  ])
  const title = `http-hit: Fastify, ${CONNECTIONS} connections; a response of ${BYTES} bytes that is in Redis and not in memory`
  return `${title}\n\n${grid([HEAD, ...rows], 1)}`
}

function cells({ median, q1, q3 }: Summary, digits: number): string[] {
  return [median.toFixed(digits), `${q1.toFixed(digits)}..${q3.toFixed(digits)}`]
}
