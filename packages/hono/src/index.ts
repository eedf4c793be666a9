export type {
  HttpControls,
  HttpEvent,
  HttpOptions,
  HttpStats,
  Match,
  RequestView,
  ResponseView,
} from '@stampede/core/http'
export { type HonoStampede, stampede } from './middleware.ts'
