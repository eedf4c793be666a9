import { schedule } from '../schedule.ts'
import type { Measuring } from '../shown-suite.ts'
import { pairedRatios, type Summary, summary } from '../statistics.ts'
import { type Connection, openConnections, requestText } from './connection.ts'
import { BARE, BARE_JSON, CONTROL, type HttpLane } from './http-lanes.ts'
import { type ServerProcess, startServer } from './server-process.ts'

/** One lane in one round. */
export interface Sample {
  readonly requestsPerSecond: number
  /** Microseconds of the server's processor for one request. */
  readonly cpu: number
}

/** Beside the bare handler in the same round; above 1 is better. */
export interface Over {
  /** Requests a second over its own. */
  readonly byRate: Summary
  /** Its CPU time per request over that of this one. Unaffected by the load generator and other processes. */
  readonly byCpu: Summary
  /** The same of the cheapest rounds of both: what others on the machine take of the processor's caches and of its pace counts least there. */
  readonly atBest: number
}

export interface HttpLine {
  readonly lane: HttpLane
  readonly requestsPerSecond: Summary
  readonly cpu: Summary
  readonly overBuffer: Over
  readonly overJson: Over | undefined
  /** Beside the lane that does the same but for Stampede. */
  readonly overBeside: Over | undefined
  readonly samples: readonly Sample[]
}

export interface ThroughputResult {
  readonly name: string
  readonly about: string
  /** The bare handler over itself. */
  readonly control: Over
  readonly lines: readonly HttpLine[]
}

const CONNECTIONS = 64
/**
 * Warm-up: what is hot is compiled by then. In the second second a hit still takes two to four times what it takes in the
 * fourth, and a bare handler does not. Milliseconds; shorter where the rounds themselves are very short.
 */
const WARM_UP = 4000
const WARM_UP_ROUNDS = 20
const SECOND = 1000

interface Running {
  readonly lane: HttpLane
  readonly server: ServerProcess
  readonly connections: readonly Connection[]
  readonly request: string
}

/** How often all servers are restarted: of two identical processes, one may take a fifth longer than the other. */
const LAUNCHES = 5

/** The rounds of all lanes, by their names. */
export async function sampled(
  lanes: readonly HttpLane[],
  measuring: Measuring,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, readonly Sample[]>()
  for (const [launch, rounds] of parts(measuring.rounds, LAUNCHES).entries()) {
    const launched = await launchedOnce(lanes, { ...measuring, rounds, seed: measuring.seed + launch })
    for (const [name, some] of launched) samples.set(name, [...(samples.get(name) ?? []), ...some])
  }
  return samples
}

/** A whole number in parts that are as equal as they can be; none of them is 0. */
export function parts(whole: number, count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, at) => Math.floor((whole + at) / count))
  return all.filter(part => part > 0)
}

async function launchedOnce(
  lanes: readonly HttpLane[],
  { rounds, ms, seed }: Measuring,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const running: Running[] = []
  try {
    for (const lane of lanes) running.push(await start(lane))
    for (const each of running) await sample(each, Math.min(WARM_UP, ms * WARM_UP_ROUNDS))
    const samples = new Map<string, Sample[]>(lanes.map(({ name }) => [name, []]))
    for (const each of schedule(running, rounds, seed).flat()) {
      samples.get(each.lane.name)?.push(await sample(each, ms))
    }
    for (const each of running) await verify(each)
    return samples
  } finally {
    for (const { connections, server } of running) {
      for (const connection of connections) connection.close()
      await server.close()
    }
  }
}

async function start(lane: HttpLane): Promise<Running> {
  const server = await startServer(lane.served)
  const connections = await openConnections(server.port, CONNECTIONS)
  const running = { lane, server, connections, request: requestOf(lane) }
  // The first answer of a hit is a miss.
  await connections[0]?.ask(running.request)
  await verify(running)
  return running
}

function requestOf({ hasCookie }: HttpLane): string {
  return requestText('/path', [hasCookie ? 'Cookie: session=one' : 'X-Kind: session=one'])
}

/** Whether what is measured is what it is called. */
async function verify({ lane, connections, request }: Running): Promise<void> {
  const head = (await connections[0]?.ask(request)) ?? ''
  if (!head.startsWith('HTTP/1.1 200') || lane.shows?.test(head) === false)
    throw new Error(`"${lane.name}" of ${lane.served.framework} was answered with ${head}`)
}

async function sample({ server, connections, request }: Running, ms: number): Promise<Sample> {
  const cpuBefore = await server.ask('cpu')
  const began = performance.now()
  const end = began + ms
  const answered = await Promise.all(connections.map(each => each.repeat(request, () => performance.now() < end)))
  const took = performance.now() - began
  const cpu = (await server.ask('cpu')) - cpuBefore
  const requests = answered.reduce((sum, each) => sum + each, 0)
  return { requestsPerSecond: (requests / took) * SECOND, cpu: cpu / requests }
}

/** What the rounds come to. */
export function throughputResult(
  { name, about }: { readonly name: string; readonly about: string },
  lanes: readonly HttpLane[],
  samples: ReadonlyMap<string, readonly Sample[]>,
): ThroughputResult {
  const figures = (lane: string, of: keyof Sample): number[] => (samples.get(lane) ?? []).map(each => each[of])
  const over = (lane: string, floor: string): Over => ({
    byRate: summary(pairedRatios(figures(lane, 'requestsPerSecond'), figures(floor, 'requestsPerSecond'))),
    byCpu: summary(pairedRatios(figures(floor, 'cpu'), figures(lane, 'cpu'))),
    atBest: Math.min(...figures(floor, 'cpu')) / Math.min(...figures(lane, 'cpu')),
  })
  const hasJson = samples.has(BARE_JSON)
  const lines = lanes.map(lane => ({
    lane,
    requestsPerSecond: summary(figures(lane.name, 'requestsPerSecond')),
    cpu: summary(figures(lane.name, 'cpu')),
    overBuffer: over(lane.name, BARE),
    overJson: hasJson ? over(lane.name, BARE_JSON) : undefined,
    overBeside: lane.beside === undefined ? undefined : over(lane.name, lane.beside),
    samples: samples.get(lane.name) ?? [],
  }))
  return { name, about, control: over(CONTROL, BARE), lines }
}
