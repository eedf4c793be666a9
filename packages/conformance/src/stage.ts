import type { HttpOptions } from '@stampede/core/http'
import type { Fetched, FetchOptions } from './client.ts'
import { Gate, Tally } from './gate.ts'
import type { InFront, Mount, Mounted, OriginAnswer, OriginRequest } from './mount.ts'
import { TestClock } from './test-clock.ts'

/** What a case sets up. */
export interface Scene {
  readonly options?: HttpOptions
  readonly inFront?: InFront
  /** The handler; `run` counts from 1. Default: a text that names the run. */
  readonly answer?: (request: OriginRequest, run: number) => OriginAnswer | Promise<OriginAnswer>
}

/** A mounted server with a gated origin, a clock that stands still, and a count of all that happens. */
export interface Stage extends Mounted {
  readonly clock: TestClock
  /** Stampede's events, by type. */
  readonly events: Tally
  /** The runs of the handler, as `run`, and by target. */
  readonly runs: Tally
  /** Held by every run until it is opened. */
  readonly gate: Gate
  /** Sends so many requests and resolves when all but the leader follow it. `stage.gate` is still shut. */
  readonly burst: (count: number, target: string, options?: FetchOptions) => Promise<Promise<Fetched>[]>
}

/** Mounts a scene. The gate is shut; scenes that do not need it open it first. */
export async function stage(mount: Mount, scene: Scene = {}): Promise<Stage> {
  const clock = new TestClock()
  const events = new Tally()
  const runs = new Tally()
  const gate = new Gate()
  const answer = scene.answer ?? ((_request, run) => ({ body: `run ${run}` }))
  const onEvent: HttpOptions['onEvent'] = event => {
    events.add(event.type)
    scene.options?.onEvent?.(event)
  }
  const options: HttpOptions = { clock, ...scene.options, onEvent }
  const mounted = await mount(
    options,
    async request => {
      runs.add('run')
      runs.add(request.target)
      const run = runs.count('run')
      await gate.passed()
      return answer(request, run)
    },
    scene.inFront,
  )
  const burst: Stage['burst'] = async (count, target, fetchOptions) => {
    const followers = events.count('follow') + count - 1
    const replies = Array.from({ length: count }, () => mounted.fetch(target, fetchOptions))
    await events.until('follow', followers)
    return replies
  }
  return { ...mounted, clock, events, runs, gate, burst }
}
