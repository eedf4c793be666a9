import { bodyCases } from './cases/bodies.ts'
import { collapseCases } from './cases/collapse.ts'
import { credentialCases } from './cases/credentials.ts'
import { routedCases } from './cases/routed.ts'
import { fresheningCases } from './cases/freshening.ts'
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
import { refreshCases } from './cases/refreshes.ts'
import { revalidationCases } from './cases/revalidation.ts'
import { sharingCases } from './cases/sharing.ts'
import { staleCases } from './cases/stale.ts'
import { reuseCases } from './cases/reuse.ts'
import { targetedCases } from './cases/targeted.ts'
import { arrivalCases } from './cases/arrival.ts'
import { streamingCases } from './cases/streaming.ts'
import { uploadCases } from './cases/uploads.ts'
import { unsafeCases } from './cases/unsafe.ts'
import type { Mount } from './mount.ts'
import { type Groups, suite } from './suite.ts'

const groups: Groups = {
  collapse: collapseCases,
  'the leader': leaderCases,
  sharing: sharingCases,
  'a status': statusCases,
  'the lifetime': lifetimeCases,
  events: eventCases,
  credentials: credentialCases,
  keys: keyCases,
  'keys on the wire': rawKeyCases,
  'what a handler is chosen by': routedCases,
  methods: methodCases,
  uploads: uploadCases,
  bodies: bodyCases,
  replay: replayCases,
  conditional: conditionalCases,
  range: rangeCases,
  revalidation: revalidationCases,
  'what a 304 changes': fresheningCases,
  stale: staleCases,
  reuse: reuseCases,
  'a refresh': refreshCases,
  'targeted fields': targetedCases,
  'client directives': clientDirectiveCases,
  'a body on its way': streamingCases,
  'readers of a body on its way': arrivalCases,
  invalidation: invalidationCases,
  'unsafe methods': unsafeCases,
  'the handle': handleCases,
}

/** The groups that show first whether a framework's lifecycle is mapped right: `pnpm test` runs them on every adapter. */
const CHOSEN: readonly string[] = [
  'collapse',
  'what a handler is chosen by',
  'bodies',
  'a body on its way',
  'the handle',
]

/** All that an adapter owes, stated at the wire. Call it in a test file of the adapter. */
export function adapterSuite(mount: Mount): void {
  suite(mount, groups)
}

/** The part of {@link adapterSuite} that `pnpm test` runs on every adapter. */
export function chosenCases(mount: Mount): void {
  suite(
    mount,
    groupsWhere(isChosen => isChosen),
  )
}

/** The part of {@link adapterSuite} that `pnpm test` runs on one adapter alone. */
export function otherCases(mount: Mount): void {
  suite(
    mount,
    groupsWhere(isChosen => !isChosen),
  )
}

function groupsWhere(takes: (isChosen: boolean) => boolean): Groups {
  return Object.fromEntries(Object.entries(groups).filter(([name]) => takes(CHOSEN.includes(name))))
}
