import { FakeFleet } from '../../../conformance/src/fake-fleet.ts'
import { Gate, Tally } from '../../../conformance/src/gate.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { type Fetch, Stampede, type StampedeEvent, type StampedeOptions } from '../../src/index.ts'

export const TTL = 5_000

/** Some processes, each with a cache of its own, over one store that they share; and a fetch that is held by a gate. */
export function setUpFleet(options: StampedeOptions = {}): {
  readonly fleet: FakeFleet
  readonly clock: TestClock
  readonly gate: Gate
  readonly tally: Tally
  readonly events: StampedeEvent[]
  readonly fetch: Fetch<string>
  readonly join: (own?: StampedeOptions) => Stampede
} {
  const clock = new TestClock()
  const fleet = new FakeFleet({ clock })
  const gate = new Gate()
  const tally = new Tally()
  const events: StampedeEvent[] = []
  const onEvent = (event: StampedeEvent): void => {
    events.push(event)
    tally.add(event.type)
  }
  const fetch: Fetch<string> = async () => {
    tally.add('runs')
    const run = tally.count('runs')
    await gate.passed()
    return `run ${run}`
  }
  const join = (own?: StampedeOptions): Stampede =>
    new Stampede({ clock, ttl: TTL, store: fleet.store(), onEvent, ...options, ...own })
  return { fleet, clock, gate, tally, events, fetch, join }
}

/** Messages to processes arrive in microtasks. */
export function delivered(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
