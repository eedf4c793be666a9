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
  RouteOptions,
} from '@stampede/core/http'
export {
  type FastifyStampede,
  type StampedePluginOptions,
  stampedePlugin,
  stampedePlugin as default,
} from './plugin.ts'
