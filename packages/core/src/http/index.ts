export type { Clock } from '../base/clock.ts'
export { OptionError } from '../base/errors.ts'
export type { ChangeResult } from '../fleet/change-result.ts'
export type { HttpEvent } from './options/http-events.ts'
export { applied, headerLines, type HeaderValue } from './rfc/headers.ts'
export type { HttpControls } from './invalidate/controls.ts'
export type { InstanceOptions, Match, ResponseView, RouteOptions } from './options/http-options.ts'
export type { HttpPolicy } from './options/http-policy.ts'
export { type HttpOptions, HttpStampede } from './http-stampede.ts'
export type { HttpStats } from './options/http-stats.ts'
export {
  breakOff,
  sendHead,
  whenAnswered,
  whenClosed,
  whenFinished,
  whenHeadWritten,
  type WritableReply,
} from './node/reply.ts'
export { connectionOf, type MessageClasses, messageRefresh } from './node/refresh.ts'
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
} from './node/view.ts'
export { outcomeOfError } from './flight/clone-error.ts'
export { controlHeaders } from './options/control-headers.ts'
export { ownScope, type RouteScope, routeScope } from './request/route-scope.ts'
export { both, exactly, isWhole, type Stripped, stripped } from './node/mount-prefix.ts'
export { type HandleSource, ResponseHandle } from './options/response-handle.ts'
export { restoring } from './response/snapshot.ts'
export type {
  Answer,
  Answered,
  Body,
  BodyStream,
  ErrorHead,
  HeaderLines,
  LeadDecision,
  Lease,
  OriginResponse,
  Outcome,
  ReplayedHeader,
  ReplayedResponse,
  ReplayDecision,
  RefreshRequest,
  RequestBody,
  RequestView,
  TappedBody,
  Decision,
} from './contract/contract.ts'
export { webBody } from './body/web-body.ts'
