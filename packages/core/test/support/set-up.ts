import { Gate } from '../../../conformance/src/gate.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { type Fetch, Stampede, type StampedeOptions } from '../../src/index.ts'

export const TTL = 5_000

/** A cache with a clock that stands still, and a fetch that is held until its gate opens. */
export function setUp(options: StampedeOptions = {}): {
  readonly cache: Stampede
  readonly clock: TestClock
  readonly gate: Gate
  readonly runs: () => number
  readonly fetch: Fetch<string>
} {
  const clock = new TestClock()
  const gate = new Gate()
  let runs = 0
  const fetch: Fetch<string> = async () => {
    runs += 1
    const run = runs
    await gate.passed()
    return `run ${run}`
  }
  return { cache: new Stampede({ clock, ...options }), clock, gate, fetch, runs: () => runs }
}

export const fails: (reason: unknown) => Fetch<never> = reason => {
  return () => {
    throw reason
  }
}
