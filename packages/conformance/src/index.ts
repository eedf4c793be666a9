export {
  clientAt,
  clientOf,
  type Fetched,
  type FetchOptions,
  listening,
  type ListeningServer,
  OpenReply,
  type ServerClient,
} from './client.ts'
export { adapterSuite, chosenCases, otherCases } from './adapter-suite.ts'
export { type Comparison, type Difference, differencesFromBare, type Serve } from './compare.ts'
export { adapterOverStoreSuite, fleetSuite } from './fleet-suite.ts'
export type { FleetStores, MountFleet } from './fleet-stage.ts'
export { hostileSuite } from './hostile-suite.ts'
export { FakeFleet, type FakeFleetOptions } from './fake-fleet.ts'
export { Gate, Tally } from './gate.ts'
export {
  type InFront,
  type Mount,
  type Mounted,
  type OriginAnswer,
  type OriginHandler,
  type OriginRequest,
  StreamedBody,
  ThrownAnswer,
} from './mount.ts'
export { askInTurn, IN_TURN, refreshFromAfar, seenFromAfar } from './on-the-wire.ts'
export { rawBytes } from './raw-client.ts'
export type { Http2Mount, Http2Mounted } from './http2-stage.ts'
export { http2Suite } from './http2-suite.ts'
export { Source } from './source.ts'
export { type Scene, type Stage, stage } from './stage.ts'
export type { MountedStores, MountStores, StoresAsked } from './store-mount.ts'
export { storeSuite } from './store-suite.ts'
export { type TlsMount, type TlsMounted, tlsSuite } from './tls-suite.ts'
export { TestClock } from './test-clock.ts'
