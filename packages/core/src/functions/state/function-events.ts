import type { SharedStoreEvent } from '../../fleet/shared-store.ts'

/** What happened in a {@link Stampede}, one tagged event for each thing. */
export type StampedeEvent =
  /** A call was answered from the store. */
  | { readonly type: 'hit'; readonly key: string; readonly stale: boolean }
  /** A call started a flight. */
  | { readonly type: 'miss'; readonly key: string }
  /** A call joined a flight under way. */
  | { readonly type: 'collapse'; readonly key: string }
  /** A refresh was started behind a call: its value was stale, or would soon be. */
  | { readonly type: 'refresh'; readonly key: string; readonly reason: 'stale' | 'early' }
  /** A value was stored; `ttl` in milliseconds. */
  | { readonly type: 'store'; readonly key: string; readonly ttl: number }
  /** An entry was dropped to keep the bounds. */
  | { readonly type: 'evict'; readonly key: string }
  /** A fetch failed. */
  | { readonly type: 'fail'; readonly key: string; readonly error: unknown }
  /** A call got a stale value because its fetch failed, or took longer than `softTimeout`. */
  | { readonly type: 'fallback'; readonly key: string; readonly reason: 'error' | 'softTimeout' }
  /** A fetch took longer than its `timeout`; the key is free. */
  | { readonly type: 'timeout'; readonly key: string }
  /** What a fetch yielded after its end was discarded. */
  | { readonly type: 'late'; readonly key: string }
  /** What a fetch yielded was not stored: the key or a tag was changed while it ran. */
  | { readonly type: 'fence'; readonly key: string }
  /** There were `maxFlights` already: a fetch ran beside them, joined by nobody, stored by nobody. */
  | { readonly type: 'overflow'; readonly key: string }
  /** Something was changed from outside. */
  | { readonly type: 'change'; readonly call: 'set' | 'delete'; readonly key: string }
  | { readonly type: 'change'; readonly call: 'invalidateTags'; readonly tags: readonly string[] }
  | { readonly type: 'change'; readonly call: 'clear' }
  /** An option that is a function failed; the call went on without it. */
  | { readonly type: 'error'; readonly key: string; readonly error: unknown }
  /** A flight was answered by the shared store; `collapsed`: another process ran the fetch meanwhile. */
  | { readonly type: 'shared'; readonly key: string; readonly collapsed: boolean }
  | SharedStoreEvent
