import { RedisServer } from '@stampede/conformance/redis'
import type { FleetContender } from './contender.ts'
import { WorkerProcess } from './worker-process.ts'

/** Entries that fit into the memory of a process. */
const ENTRIES = 10_000

/** A Redis, and processes that share it. */
export class Stage {
  readonly server: RedisServer
  readonly #workers: WorkerProcess[] = []

  private constructor(server: RedisServer) {
    this.server = server
  }

  /** Opens one for as long as `use` takes. */
  static async with<T>(use: (stage: Stage) => Promise<T>): Promise<T> {
    const stage = new Stage(await RedisServer.start())
    try {
      return await use(stage)
    } finally {
      await Promise.all(stage.#workers.map(worker => worker.close()))
      await stage.server.close()
    }
  }

  /** How many reads found their key, since the server began. */
  async keyspaceHits(): Promise<number> {
    return Number(/keyspace_hits:(\d+)/.exec(String(await this.server.call('INFO', 'stats')))?.[1])
  }

  async process(contender: FleetContender, entries: number = ENTRIES): Promise<WorkerProcess> {
    const worker = await WorkerProcess.start({ contender: contender.name, port: this.server.port, entries })
    this.#workers.push(worker)
    return worker
  }

  processes(contender: FleetContender, count: number): Promise<WorkerProcess[]> {
    return Promise.all(Array.from({ length: count }, () => this.process(contender)))
  }
}
