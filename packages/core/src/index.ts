export type { BatchContext, FetchMany } from './functions/batch.ts'
export type { Clock } from './base/clock.ts'
export type { Fetch, FetchContext } from './functions/state/context.ts'
export { MissingKeyError, OptionError, SingleUseError, TimeoutError } from './base/errors.ts'
export type { StampedeEvent } from './functions/state/function-events.ts'
export type { CallOptions, LifetimeOptions, SetOptions, StampedeOptions } from './functions/state/function-options.ts'
export { count, duration, limit, type OptionRule, type OptionRules, resolveOptions } from './base/option-rules.ts'
export type { Peeked, Stats } from './functions/state/stats.ts'
export type { ChangeResult } from './fleet/change-result.ts'
export type {
  Acquire,
  Committed,
  Each,
  LocalTier,
  NewRecord,
  SharedLease,
  SharedRecord,
  SharedStore,
  SharedStoreEvent,
  SharedTier,
  AcquireResult,
} from './fleet/shared-store.ts'
export { Stampede } from './stampede.ts'
export type { KeyThis, WrapControls, Wrapped, WrappedFunction, WrapOptions } from './functions/wrap.ts'
