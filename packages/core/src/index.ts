export type { BatchContext, FetchMany } from './batch.ts'
export type { Clock } from './clock.ts'
export type { Fetch, FetchContext } from './context.ts'
export { MissingKeyError, OptionError, SingleUseError, TimeoutError } from './errors.ts'
export type { StampedeEvent } from './function-events.ts'
export type { CallOptions, LifetimeOptions, SetOptions, StampedeOptions } from './function-options.ts'
export { count, duration, limit, type OptionRule, type OptionRules, resolveOptions } from './options.ts'
export type { Peeked, Reach, Stats } from './reports.ts'
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
  SharedTurn,
} from './shared-store.ts'
export { Stampede } from './stampede.ts'
export type { KeyThis, WrapControls, Wrapped, WrappedFunction, WrapOptions } from './wrap.ts'
