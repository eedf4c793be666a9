import { elapse } from '../../../conformance/src/real-time.ts'
import type { RedisServer } from '../../../conformance/src/redis/server.ts'
import type { TcpProxy } from '../../../conformance/src/tcp-proxy.ts'
import type { Fault } from './checker.ts'
import { machineTime } from './load.ts'
import type { WorkerProcess } from './worker-process.ts'

/** What random faults are done to. */
export interface Victims {
  readonly server: RedisServer
  readonly proxies: readonly TcpProxy[]
  /** The processes that live now, each behind the proxy of its place. */
  readonly workers: WorkerProcess[]
  /** A new one in the place of one that was killed. */
  readonly replace: (place: number) => Promise<void>
}

type Act = (victims: Victims, draw: () => number) => Promise<void>

/** Each undoes itself. */
const acts: Readonly<Record<string, Act>> = {
  'a process stands still': async ({ workers }, draw) => {
    const worker = oneOf(workers, draw)
    worker.stop()
    await elapse(200 + 2_000 * draw())
    worker.resume()
  },
  'a process is killed': async ({ workers, replace }, draw) => {
    const place = Math.floor(draw() * workers.length)
    await workers[place]?.kill()
    await replace(place)
  },
  'an event loop is blocked': async ({ workers }, draw) => {
    await oneOf(workers, draw).run({ do: 'block', ms: 100 + 1_000 * draw() })
  },
  'the server stands still': async ({ server }, draw) => {
    server.pause()
    await elapse(200 + 2_000 * draw())
    server.resume()
  },
  'the server is killed': async ({ server }, draw) => {
    await server.kill()
    await elapse(500 * draw())
    await server.start()
  },
  'the server forgets everything': async ({ server }) => void (await server.call('FLUSHALL')),
  'the server forgets its scripts': async ({ server }) => void (await server.call('SCRIPT', 'FLUSH')),
  'a line is a black hole': async ({ proxies }, draw) => {
    const proxy = oneOf(proxies, draw)
    if (draw() < 0.7) proxy.hold('up')
    if (draw() < 0.7) proxy.hold('down')
    await elapse(100 + 2_000 * draw())
    proxy.release()
  },
  'a line is cut': async ({ proxies }, draw) => oneOf(proxies, draw).cut(draw() < 0.5 ? 'all' : 'subscribers'),
  'a line is slow': async ({ proxies }, draw) => {
    const proxy = oneOf(proxies, draw)
    for (const direction of ['up', 'down'] as const) proxy.delay(direction, () => 60 * draw())
    await elapse(1_000 * draw())
    for (const direction of ['up', 'down'] as const) proxy.delay(direction, 0)
  },
}

const QUIET = 6_000

/** Does one thing after another until the time is over; tells what it did, and when. */
export async function chaos(victims: Victims, ms: number, draw: () => number): Promise<readonly Fault[]> {
  const faults: Fault[] = []
  const end = performance.now() + ms
  while (performance.now() < end) {
    // Some of the time nothing is wrong for long enough that nothing is excused.
    await elapse(draw() < 0.25 ? QUIET : 1_000 * draw())
    const [what, act] = oneOf(Object.entries(acts), draw)
    const from = machineTime()
    await act(victims, draw)
    faults.push({ what, from, to: machineTime() })
  }
  return faults
}

function oneOf<Item>(items: readonly Item[], draw: () => number): Item {
  const item = items[Math.floor(draw() * items.length)]
  if (item === undefined) throw new Error('there is nothing to draw from')
  return item
}
