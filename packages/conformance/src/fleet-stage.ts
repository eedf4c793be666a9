import type { SharedStore } from '@stampede/core'
import type { HttpOptions } from '@stampede/core/http'
import { FakeFleet } from './fake-fleet.ts'
import { Gate, Tally } from './gate.ts'
import type { Mount, Mounted, OriginHandler } from './mount.ts'
import { eventually } from './real-time.ts'
import type { Scene } from './stage.ts'
import { TestClock } from './test-clock.ts'

/** The store of a fleet, whatever it is. */
export interface FleetStores {
  /** One process's. */
  store(): SharedStore | Promise<SharedStore>
  /** Resolves when so many processes wait for another one's work. */
  waiting(count: number): Promise<void>
  /** Resolves when no process works any more: a response may arrive before what comes of it is stored. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** Makes the store for one case. */
export type MountFleet<Stores extends FleetStores = FleetStores> = (clock: TestClock) => Stores | Promise<Stores>

/** Several servers of one framework with one gated origin, over a store that they share. */
export interface FleetStage<Stores extends FleetStores = FleetStores> {
  readonly servers: readonly [Mounted, Mounted, Mounted]
  readonly fleet: Stores
  readonly clock: TestClock
  /** Events of all of them, by type. */
  readonly events: Tally
  /** The runs of the handler over all of them, as `run`. */
  readonly runs: Tally
  /** Held by every run until it is opened. */
  readonly gate: Gate
}

/** Mounts a scene in three processes of a fleet, as far as they can be such in one. */
export async function fleetStage<Stores extends FleetStores>(
  mount: Mount,
  mountFleet: MountFleet<Stores>,
  scene: Scene = {},
): Promise<FleetStage<Stores>> {
  const clock = new TestClock()
  const fleet = await mountFleet(clock)
  const events = new Tally()
  const runs = new Tally()
  const gate = new Gate()
  const answer = scene.answer ?? ((_request, run) => ({ body: `run ${run}` }))
  const server = async (): Promise<Mounted> => {
    const onEvent: HttpOptions['onEvent'] = ({ type }) => events.add(type)
    const options = { clock, ttl: 5_000, store: await fleet.store(), ...scene.options, onEvent }
    const handler: OriginHandler = async request => {
      runs.add('run')
      const run = runs.count('run')
      await gate.passed()
      return answer(request, run)
    }
    const mounted = await mount(options, handler, scene.inFront)
    // The host is part of every key: to their users all processes are one.
    const fetch: Mounted['fetch'] = (target, asked) =>
      mounted.fetch(target, { ...asked, headers: { host: 'fleet.example', ...asked?.headers } })
    return { ...mounted, fetch }
  }
  return { servers: [await server(), await server(), await server()], fleet, clock, events, runs, gate }
}

/** A store whose time and health are the case's to say. */
export interface FakeStores extends FleetStores {
  readonly fake: FakeFleet
}

/** A fleet in memory. */
export function fakeFleet(clock: TestClock): FakeStores {
  const fake = new FakeFleet({ clock })
  return {
    fake,
    store: () => fake.store(),
    waiting: count => fake.sent.until('waiting', count),
    idle: () => eventually(() => fake.isIdle),
    close: () => Promise.resolve(),
  }
}

/** The mount, in a fleet of one process: all that holds without a store holds with one. */
export function overFleet(mount: Mount): Mount {
  return (options, handler, inFront) => {
    if (!(options.clock instanceof TestClock)) throw new Error('a scene has a TestClock')
    const store = new FakeFleet({ clock: options.clock }).store()
    return mount({ ...options, store }, handler, inFront)
  }
}
