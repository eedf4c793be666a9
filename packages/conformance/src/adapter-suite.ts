import { afterEach, describe } from 'vitest'
import { bodyCases } from './cases/bodies.ts'
import { collapseCases } from './cases/collapse.ts'
import { credentialCases } from './cases/credentials.ts'
import { handleCases } from './cases/handles.ts'
import { invalidationCases } from './cases/invalidation.ts'
import { keyCases } from './cases/keys.ts'
import { leaderCases } from './cases/leader.ts'
import { methodCases } from './cases/methods.ts'
import { rawKeyCases } from './cases/raw-keys.ts'
import { replayCases } from './cases/replay.ts'
import { clientDirectiveCases } from './cases/client-directives.ts'
import { eventCases } from './cases/events.ts'
import { lifetimeCases } from './cases/lifetimes.ts'
import { statusCases } from './cases/statuses.ts'
import { conditionalCases } from './cases/conditional.ts'
import { rangeCases } from './cases/range.ts'
import { revalidationCases } from './cases/revalidation.ts'
import { sharingCases } from './cases/sharing.ts'
import { staleCases } from './cases/stale.ts'
import { targetedCases } from './cases/targeted.ts'
import { arrivalCases } from './cases/arrival.ts'
import { streamingCases } from './cases/streaming.ts'
import { uploadCases } from './cases/uploads.ts'
import { unsafeCases } from './cases/unsafe.ts'
import type { Mount } from './mount.ts'
import { type Scene, type Stage, stage } from './stage.ts'

/** Mounts a scene for one case; it is closed when the case ends. */
export type SetUp = (scene?: Scene) => Promise<Stage>

const groups: Readonly<Record<string, (setUp: SetUp) => void>> = {
  collapse: collapseCases,
  'the leader': leaderCases,
  sharing: sharingCases,
  'a status': statusCases,
  'the lifetime': lifetimeCases,
  events: eventCases,
  credentials: credentialCases,
  keys: keyCases,
  'keys on the wire': rawKeyCases,
  methods: methodCases,
  uploads: uploadCases,
  bodies: bodyCases,
  replay: replayCases,
  conditional: conditionalCases,
  range: rangeCases,
  revalidation: revalidationCases,
  stale: staleCases,
  'targeted fields': targetedCases,
  'client directives': clientDirectiveCases,
  'a body on its way': streamingCases,
  'readers of a body on its way': arrivalCases,
  invalidation: invalidationCases,
  'unsafe methods': unsafeCases,
  'the handle': handleCases,
}

/** All that an adapter owes, stated at the wire. Call it in a test file of the adapter. */
export function adapterSuite(mount: Mount): void {
  const stages: Stage[] = []
  const setUp: SetUp = async scene => {
    const mounted = await stage(mount, scene)
    stages.push(mounted)
    return mounted
  }
  afterEach(async () => {
    for (const mounted of stages.splice(0)) {
      mounted.gate.open()
      await mounted.close()
    }
  })
  for (const [name, cases] of Object.entries(groups)) {
    describe(`${name}:`, () => {
      cases(setUp)
    })
  }
}
