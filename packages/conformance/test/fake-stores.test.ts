import { FakeFleet } from '../src/fake-fleet.ts'
import type { MountStores } from '../src/store-mount.ts'
import { storeSuite } from '../src/store-suite.ts'
import { TestClock } from '../src/test-clock.ts'

/** How much time goes by between two looks. */
const STEP = 10
/** Microtasks in which all that was sent has arrived. */
const HOPS = 200

const mount: MountStores = async ({ lease }) => {
  const clock = new TestClock()
  const fleets = { own: new FakeFleet({ clock, lease }), other: new FakeFleet({ clock, lease }) }
  return {
    process: (namespace = 'own') => fleets[namespace].store(),
    now: () => clock.now(),
    until: async (holds, ms = 120_000) => {
      const end = clock.now() + ms
      for (;;) {
        for (let hop = 0; hop < HOPS; hop += 1) await Promise.resolve()
        if (await holds()) return
        if (clock.now() >= end) throw new Error(`it did not come within ${ms} ms`)
        clock.advance(STEP)
      }
    },
    close: () => Promise.resolve(),
  }
}

storeSuite(mount)
