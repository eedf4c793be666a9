import type { SharedStoreEvent } from '../../fleet/shared-store.ts'

/** The events of a {@link Stampede}. */
export type StampedeEvent =
  /** A call was answered from the store. */
  | { readonly type: 'hit'; readonly key: string; readonly stale: boolean }
  /** A call started a fetch. */
  | { readonly type: 'miss'; readonly key: string }
  /** A call joined a fetch in progress. */
  | { readonly type: 'collapse'; readonly key: string }
  /** A refresh started in the background: the value was stale, or about to expire. */
  | { readonly type: 'refresh'; readonly key: string; readonly reason: 'stale' | 'early' }
  /** A value was stored; `ttl` in milliseconds. */
  | { readonly type: 'store'; readonly key: string; readonly ttl: number }
  /** An entry was evicted. */
  | { readonly type: 'evict'; readonly key: string }
  /** A fetch failed. */
  | { readonly type: 'fail'; readonly key: string; readonly error: unknown }
  /** A call got a stale value, because its fetch failed or took longer than `softTimeout`. */
  | { readonly type: 'fallback'; readonly key: string; readonly reason: 'error' | 'softTimeout' }
  /** A fetch took longer than its `timeout`; the key is free. */
  | { readonly type: 'timeout'; readonly key: string }
  /** A fetch returned after its time limit, and its result was discarded. */
  | { readonly type: 'late'; readonly key: string }
  /** A result was not stored, because its key or one of its tags was changed while the fetch ran. */
  | { readonly type: 'fence'; readonly key: string }
  /** `maxFlights` was reached: the fetch runs uncoalesced and is not stored. */
  | { readonly type: 'overflow'; readonly key: string }
  /** The app changed a key, tags or everything. */
  | { readonly type: 'change'; readonly call: 'set' | 'delete'; readonly key: string }
  | { readonly type: 'change'; readonly call: 'invalidateTags'; readonly tags: readonly string[] }
  | { readonly type: 'change'; readonly call: 'clear' }
  /** An option that is a function threw; the call continued without it. */
  | { readonly type: 'error'; readonly key: string; readonly error: unknown }
  /** The shared store had the value; `collapsed`: another process ran the fetch in the meantime. */
  | { readonly type: 'shared'; readonly key: string; readonly collapsed: boolean }
  | SharedStoreEvent
