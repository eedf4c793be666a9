export type { Clock } from '../clock.ts'
export { OptionError } from '../errors.ts'
export type { Reach } from '../reports.ts'
export { webBody } from './body.ts'
export type { HttpEvent } from './events.ts'
export { applied, headerLines, type HeaderValue } from './headers.ts'
export type { HttpControls } from './http-controls.ts'
export type { HttpOptions, Match, ResponseView, RouteOptions } from './http-options.ts'
export type { HttpPolicy } from './http-policy.ts'
export { HttpStampede } from './http-stampede.ts'
export type { HttpStats } from './http-stats.ts'
export { whenFinished, whenHeadWritten, type WritableReply } from './message-reply.ts'
export { type Message, messageView, type Reply } from './message-view.ts'
export { ownFields } from './own-fields.ts'
export { ResponseHandle } from './response-handle.ts'
export type {
  Answer,
  Answered,
  Body,
  BodyStream,
  ErrorHead,
  HeaderLines,
  Lease,
  OriginResponse,
  Outcome,
  ReplayedHeader,
  ReplayedResponse,
  RequestView,
  TappedBody,
  Turn,
} from './types.ts'
