export type {
  HttpControls,
  HttpEvent,
  HttpOptions,
  HttpStats,
  Match,
  RequestView,
  ResponseView,
} from '@stampede/core/http'
export { type KoaStampede, stampede } from './middleware.ts'
