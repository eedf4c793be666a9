import { afterEach, describe } from 'vitest'
import { adapterSuite } from './adapter-suite.ts'
import { fleetCases } from './cases/fleet.ts'
import { timedFleetCases } from './cases/timed-fleet.ts'
import { fakeFleet, type FleetStage, fleetStage, type FleetStores, type MountFleet, overFleet } from './fleet-stage.ts'
import type { Mount } from './mount.ts'
import type { Scene } from './stage.ts'

/** All that an adapter owes over a store that processes share; and all that it owes anyway, with one. */
export function fleetSuite(mount: Mount): void {
  describe('in a fleet', () => {
    const setUp = stagesOf(mount, fakeFleet)
    fleetCases(setUp)
    timedFleetCases(setUp)
  })

  describe('in a fleet of one', () => {
    adapterSuite(overFleet(mount))
  })
}

/** What an adapter owes over a store of any kind, in its own time. */
export function adapterOverStoreSuite(mount: Mount, mountFleet: MountFleet): void {
  fleetCases(stagesOf(mount, mountFleet))
}

/** Mounts a scene for one case; it is closed when the case ends. */
function stagesOf<Stores extends FleetStores>(
  mount: Mount,
  mountFleet: MountFleet<Stores>,
): (scene?: Scene) => Promise<FleetStage<Stores>> {
  const stages: FleetStage[] = []
  afterEach(async () => {
    for (const { servers, gate, fleet } of stages.splice(0)) {
      gate.open()
      await Promise.all(servers.map(server => server.close()))
      await fleet.close()
    }
  })
  return async scene => {
    const mounted = await fleetStage(mount, mountFleet, scene)
    stages.push(mounted)
    return mounted
  }
}
