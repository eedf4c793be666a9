export { HttpStampede } from '@stampede/core/http'
export type {
  HttpControls,
  HttpEvent,
  HttpOptions,
  HttpStats,
  Match,
  ChangeResult,
  RequestView,
  ResponseHandle,
  ResponseView,
} from '@stampede/core/http'
export { type HonoStampede, stampede, type StampedeOptions } from './middleware.ts'
export type { Refresh } from './refresh.ts'
