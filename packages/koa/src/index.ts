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
export { type KoaStampede, stampede } from './middleware.ts'
