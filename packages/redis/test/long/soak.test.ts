import { expect, it } from 'vitest'
import { eventually } from '../../../conformance/src/real-time.ts'
import { chaos, type Victims } from '../fleet/chaos.ts'
import { staleReads, together, unexcused } from '../fleet/checker.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { drawsFrom } from '../fleet/load.ts'
import type { Loaded, LoadCommand } from '../fleet/protocol.ts'
import { useFleets } from '../fleet/use-fleets.ts'
import type { WorkerProcess } from '../fleet/worker-process.ts'

const fleets = useFleets()

const MS = Number(process.env['STAMPEDE_SOAK_MS'] ?? 60_000)
const SEED = Number(process.env['STAMPEDE_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** After a fault: a heartbeat, the wait of a breaker that opened for it, and what a busy machine adds. */
const GRACE = 3_000
const PROCESSES = 4
const LOAD: LoadCommand = {
  do: 'load',
  ms: 1_000,
  keys: 20,
  fetchMs: 20,
  pauseMs: 8,
  callers: 6,
  changes: 0.02,
  seed: 0,
}
const STORE = { commandTimeout: 250, leaseTtl: 1_000, syncInterval: 500 }
const MIB = 1024 * 1024

it(`39: random faults for a while, seed ${SEED}`, { timeout: MS + 120_000 }, async () => {
  const server = await fleets.start({ config: { appendonly: 'yes', appendfsync: 'always' } })
  const fleet = await fleets.fleet({ store: STORE }, server)
  const proxies = await Promise.all(Array.from({ length: PROCESSES }, () => fleet.proxy()))
  const loads: Loaded[] = []
  const stop = new AbortController()
  const running: Promise<void>[] = []
  const place = async (index: number): Promise<WorkerProcess> => {
    const worker = await fleet.add({ port: proxies[index]?.port ?? 0 })
    running.push(keepBusy(worker, stop.signal, loads))
    return worker
  }
  const workers = await Promise.all(proxies.map((_, index) => place(index)))
  const victims: Victims = {
    server,
    proxies,
    workers,
    replace: async index => {
      workers[index] = await place(index)
    },
  }
  const faults = await chaos(victims, MS, drawsFrom(SEED))
  stop.abort()
  await Promise.all(running)

  const load = together(loads)
  const stale = unexcused(staleReads(load), faults, GRACE)
  expect(load.errors).toEqual([])
  expect(stale).toEqual([])
  expect(load.seen.length).toBeGreaterThan(100)
  await isWell(fleet, workers)
  await eventually(async () => JSON.stringify(await server.call('KEYS', '*:l')) === '[]')
})

it('39: without faults memory stays flat, and nothing keeps a process that is closed', {
  timeout: MS + 120_000,
}, async () => {
  const fleet = await fleets.fleet({ cache: { ttl: 200, maxEntries: 50 } })
  const workers = await fleet.addAll(2)
  const round = async (keys: number): Promise<void> => {
    await Promise.all(workers.map((worker, seed) => worker.run({ ...LOAD, ms: MS / 12, keys, pauseMs: 1, seed })))
  }
  await round(5_000)
  const before = await heapOf(workers)
  for (let count = 0; count < 5; count += 1) await round(5_000)
  const after = await heapOf(workers)
  for (const [index, bytes] of after.entries()) expect(bytes - (before[index] ?? 0)).toBeLessThan(10 * MIB)
})

/** Loads in short rounds, so that little of what it saw is lost when it is killed. */
async function keepBusy(worker: WorkerProcess, signal: AbortSignal, loads: Loaded[]): Promise<void> {
  for (let seed = 1; !signal.aborted; seed += 1) {
    const load = await worker.run({ ...LOAD, seed }).catch(() => undefined)
    // It was killed, and with it what it saw in this round.
    if (load === undefined) return
    loads.push(load)
  }
}

/** All is as before: all share one fetch, and none is in progress. */
async function isWell(fleet: Fleet, workers: readonly WorkerProcess[]): Promise<void> {
  let tries = 0
  await eventually(async () => {
    tries += 1
    const key = `well ${tries}`
    const got = await Promise.all(workers.map(worker => worker.get(key, { fetch: 50 })))
    return new Set(got.flatMap(({ values }) => values)).size === 1
  }, 30_000)
  const stats = await Promise.all(workers.map(worker => worker.run({ do: 'stats' })))
  expect(stats.map(({ flights }) => flights)).toEqual(workers.map(() => 0))
  expect(fleet.workers.flatMap(({ troubles }) => troubles)).toEqual([])
}

function heapOf(workers: readonly WorkerProcess[]): Promise<readonly number[]> {
  return Promise.all(workers.map(worker => worker.run({ do: 'memory' })))
}
