import { ensureServer, RedisServer } from '@stampede/conformance/redis'
import { type Origin, startOrigin } from '../origin.ts'
import { MemberProcess } from './member-process.ts'

/** How large everything is. Durations are milliseconds. */
export interface FleetFigures {
  /** Requests of a burst, over all processes. */
  readonly requests: number
  /** How long the origin takes. */
  readonly latency: number
  /** For how long the store stands still. */
  readonly outage: number
  /** How long a command to the store may take; `redisStore` has 100 by default. */
  readonly timeout: number
}

/** One server of each framework, and one more. */
const PLACES = [
  { name: 'Fastify', framework: 'Fastify' },
  { name: 'Hono', framework: 'Hono' },
  { name: 'Koa', framework: 'Koa' },
  { name: 'Fastify 2', framework: 'Fastify' },
]
/** Longer than the demo takes. */
const TTL = 300_000

/** A store, an origin, and the processes between them. */
export class FleetStage {
  readonly figures: FleetFigures
  readonly redis: RedisServer
  readonly origin: Origin
  readonly #program: string
  #members: readonly MemberProcess[] = []

  private constructor(program: string, figures: FleetFigures, redis: RedisServer, origin: Origin) {
    this.#program = program
    this.figures = figures
    this.redis = redis
    this.origin = origin
  }

  /** @param program what the processes run */
  static async start(program: string, figures: FleetFigures): Promise<FleetStage> {
    ensureServer()
    const stage = new FleetStage(program, figures, await RedisServer.start(), await startOrigin(figures.latency))
    const started = await Promise.allSettled(PLACES.map(place => stage.#member(place)))
    stage.#members = started.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = started.find(one => one.status === 'rejected')
    if (failed === undefined) return stage
    await stage.close()
    throw failed.reason
  }

  get members(): readonly MemberProcess[] {
    return this.#members
  }

  /** The part of a burst that each process gets. */
  get share(): number {
    return Math.ceil(this.figures.requests / PLACES.length)
  }

  named(name: string): MemberProcess {
    const found = this.#members.find(member => member.name === name)
    if (found === undefined) throw new Error(`No process is called ${name}.`)
    return found
  }

  /** Whether the store took too long for a process in that time. */
  wasBusy(since: number, until: number = performance.now()): boolean {
    return this.#members.some(({ store }) => store.some(({ at }) => at > since && at < until))
  }

  /** Starts a process in place of one that died. */
  async replace(dead: MemberProcess): Promise<MemberProcess> {
    const fresh = await this.#member(dead.membership)
    this.#members = this.#members.map(member => (member === dead ? fresh : member))
    return fresh
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(member => member.kill()))
    await Promise.all([this.origin.close(), this.redis.close()])
  }

  #member({ name, framework }: { readonly name: string; readonly framework: string }): Promise<MemberProcess> {
    const { timeout } = this.figures
    const { url: redis } = this.redis
    return MemberProcess.start(this.#program, { name, framework, origin: this.origin.url, redis, timeout, ttl: TTL })
  }
}
