import { grid } from '../grid.ts'
import { summary } from '../statistics.ts'
import { openConnections, requestText } from './connection.ts'
import { FRAMEWORKS, type Framework, type Front } from './served.ts'
import { startServer } from './server-process.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const HEAD = ['server', 'waiters', 'runs', 'longest block ms', 'min..max', 'all answered ms']
/** Between two askings of a server, milliseconds. */
const PAUSE = 20

interface Release {
  readonly runs: number
  /** The longest for which the server's event loop did nothing else, milliseconds. */
  readonly block: number
  /** Until the last one had its answer, milliseconds. */
  readonly took: number
}

export interface ReleaseLine {
  readonly framework: Framework
  readonly front: Front
  readonly waiters: number
  readonly releases: readonly Release[]
}

/** Requests that wait for one handler, or each for its own, and are all released at one moment. */
export async function releaseLines(waiters: number, rounds: number): Promise<readonly ReleaseLine[]> {
  const lines: ReleaseLine[] = []
  for (const framework of FRAMEWORKS) {
    for (const front of ['bare', 'stampede'] as const) {
      const releases: Release[] = []
      while (releases.length < rounds) releases.push(await release(framework, front, waiters))
      lines.push({ framework, front, waiters, releases })
    }
  }
  return lines
}

async function release(framework: Framework, front: Front, waiters: number): Promise<Release> {
  const server = await startServer({ framework, front, answer: 'buffer', bytes: 1024, pace: 'held' })
  const connections = await openConnections(server.port, waiters)
  try {
    const request = requestText('/held')
    const answers = connections.map(connection => connection.ask(request))
    await settled(() => server.ask('cpu'))
    await server.ask('watch')
    // What is seen is the time between two turns of a timer: the first has to be over.
    await sleep(PAUSE)
    const began = performance.now()
    await server.ask('open')
    await Promise.all(answers)
    const took = performance.now() - began
    // A blocked event loop shows when its own timer fires.
    await sleep(PAUSE)
    return { runs: await server.ask('runs'), block: await server.ask('block'), took }
  } finally {
    for (const connection of connections) connection.close()
    await server.close()
  }
}

/** Microseconds of the processor that a server takes which has nothing to do, in a pause. */
const IDLE = 2000

/** Waits until the server has taken in all requests, and has nothing more to do. */
async function settled(cpu: () => Promise<number>): Promise<void> {
  for (let before = await cpu(), used = IDLE; used >= IDLE; ) {
    await sleep(PAUSE)
    const now = await cpu()
    used = now - before
    before = now
  }
}

export function releaseTable(lines: readonly ReleaseLine[]): string {
  const rows = lines.map(({ framework, front, waiters, releases }) => {
    const block = summary(releases.map(each => each.block))
    return [
      `${framework}, ${front}`,
      `${waiters}`,
      summary(releases.map(({ runs }) => runs)).median.toFixed(0),
      block.median.toFixed(0),
      `${block.min.toFixed(0)}..${block.max.toFixed(0)}`,
      summary(releases.map(({ took }) => took)).median.toFixed(0),
    ]
  })
  return `release: all who wait for a key are let go in one moment\n\n${grid([HEAD, ...rows], 1)}`
}
