import { afterEach, describe } from 'vitest'
import { adapterSuite } from './adapter-suite.ts'
import { fleetCases } from './cases/fleet.ts'
import { type FleetStage, fleetStage, overFleet } from './fleet-stage.ts'
import type { Mount } from './mount.ts'

/** All that an adapter owes over a store that processes share; and all that it owes anyway, with one. */
export function fleetSuite(mount: Mount): void {
  describe('in a fleet', () => {
    const stages: FleetStage[] = []
    afterEach(async () => {
      for (const { servers, gate } of stages.splice(0)) {
        gate.open()
        await Promise.all(servers.map(server => server.close()))
      }
    })
    fleetCases(async scene => {
      const mounted = await fleetStage(mount, scene)
      stages.push(mounted)
      return mounted
    })
  })

  describe('in a fleet of one', () => {
    adapterSuite(overFleet(mount))
  })
}
