export type { Clock } from '../clock.ts'
export { OptionError } from '../errors.ts'
export type { Reach } from '../reports.ts'
export type { HttpEvent } from './events.ts'
export { applied, headerLines, type HeaderValue } from './headers.ts'
export type { HttpControls } from './http-controls.ts'
export type { HttpOptions, Match, ResponseView, RouteOptions } from './http-options.ts'
export type { HttpPolicy } from './http-policy.ts'
export { HttpStampede } from './http-stampede.ts'
export type { HttpStats } from './http-stats.ts'
export {
  breakOff,
  tellHead,
  whenAnswered,
  whenClosed,
  whenFinished,
  whenHeadWritten,
  type WritableReply,
} from './message-reply.ts'
export { connectionOf, type MessageClasses, messageRefresh } from './message-refresh.ts'
export {
  hasClientCertificate,
  hasTrailers,
  hasUnsaidBody,
  isGone,
  mayCarry,
  type Message,
  type MessageAccess,
  type MessageRefresh,
  messageView,
  type Reply,
  showHeaders,
} from './message-view.ts'
export { outcomeOfError } from './own-error.ts'
export { ownFields } from './own-fields.ts'
export { ownScope, type RouteScope, routeScope } from './route-scope.ts'
export { both, exactly, isWhole, type Stripped, stripped } from './routed.ts'
export { type HandleSource, ResponseHandle } from './response-handle.ts'
export { restoring } from './snapshot.ts'
export type {
  Answer,
  Answered,
  Body,
  BodyStream,
  ErrorHead,
  HeaderLines,
  LeadTurn,
  Lease,
  OriginResponse,
  Outcome,
  ReplayedHeader,
  ReplayedResponse,
  ReplayTurn,
  RefreshRequest,
  RequestBody,
  RequestView,
  TappedBody,
  Turn,
} from './types.ts'
export { webBody } from './web-body.ts'
