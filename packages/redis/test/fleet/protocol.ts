import type { CallOptions, ChangeResult, Stats, StampedeOptions } from '@stampede/core'
import type { RedisStoreOptions } from '../../src/index.ts'

/** How a worker reaches its server. */
export interface Connection {
  readonly client: 'ioredis' | 'node-redis' | 'iovalkey'
  /** Of one server, or of the nodes of a cluster. */
  readonly ports: readonly number[]
  readonly isCluster: boolean
}

type Plain<Options> = Omit<
  Options,
  'clock' | 'random' | 'onEvent' | 'store' | 'sizeOf' | 'client' | 'subscriber' | 'driver'
>

export interface WorkerOptions {
  readonly connection: Connection
  readonly cache: Plain<StampedeOptions>
  readonly store: Plain<RedisStoreOptions>
}

/** A get of so many callers at once. */
export interface GetCommand {
  readonly do: 'get'
  readonly key: string
  readonly callers: number
  readonly options: Pick<CallOptions, 'ttl' | 'tags' | 'timeout'>
  /** Where the fetch is run: by the test that started the worker, or in the worker, for so many milliseconds. */
  readonly fetch: 'outside' | number
}

/** Gets at random for a while. */
export interface LoadCommand {
  readonly do: 'load'
  readonly ms: number
  readonly keys: number
  readonly fetchMs: number
  /** Of each caller, between two gets. */
  readonly pauseMs: number
  readonly callers: number
  /** Part of the calls, 0 to 1, that invalidate a key. */
  readonly changes: number
  readonly seed: number
}

export type Command =
  | GetCommand
  | LoadCommand
  | { readonly do: 'set'; readonly key: string; readonly value: string; readonly tags: readonly string[] }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'invalidateTags'; readonly tags: readonly string[] }
  | { readonly do: 'clear' }
  | { readonly do: 'peek'; readonly key: string }
  | { readonly do: 'stats' }
  /** Keeps the event loop from turning. */
  | { readonly do: 'block'; readonly ms: number }
  | { readonly do: 'memory' }
  | { readonly do: 'close' }

export interface ToldError {
  readonly name: string
  readonly message: string
  readonly code: string | undefined
}

/** What became of the callers of a get, each kind once. */
export interface Got {
  readonly values: readonly unknown[]
  readonly errors: readonly ToldError[]
  readonly count: number
  /** Milliseconds that each took, in order of size. */
  readonly took: readonly number[]
}

/** One get of a load. Moments are of the clock that all processes of the machine have in common, milliseconds. */
export interface Seen {
  readonly key: string
  readonly value: string
  readonly askedAt: number
  readonly took: number
}

/** What a fetch of a load yields is named by where and when it began, so that a reader can tell how old it is. */
export interface Fetched {
  readonly key: string
  readonly value: string
  readonly beganAt: number
}

/** A change whose call has come back. */
export interface Changed {
  readonly key: string
  readonly calledAt: number
  readonly doneAt: number
  readonly fleet: boolean
}

export interface Loaded {
  readonly seen: readonly Seen[]
  readonly fetched: readonly Fetched[]
  readonly changed: readonly Changed[]
  readonly errors: readonly ToldError[]
}

export interface Results {
  readonly get: Got
  readonly load: Loaded
  readonly set: ChangeResult
  readonly delete: ChangeResult
  readonly invalidateTags: ChangeResult
  readonly clear: ChangeResult
  readonly peek: { readonly value: unknown; readonly ttl: number } | undefined
  readonly stats: Stats
  readonly block: number
  readonly memory: number
  readonly close: undefined
}

export type ToWorker =
  | { readonly type: 'start'; readonly options: WorkerOptions }
  | { readonly type: 'command'; readonly id: number; readonly command: Command }
  | { readonly type: 'answer'; readonly fetch: number; readonly answer: Answer }

/** What a fetch that is run outside yields. */
export interface Answer {
  readonly value?: unknown
  readonly error?: ToldError
  readonly ttl?: number
  readonly tags?: readonly string[]
  readonly noStore?: boolean
}

export type FromWorker =
  | { readonly type: 'started' }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'fetch'; readonly fetch: number; readonly key: string }
  /** Something happened, such as `breaker open`; `detail` says why where it says so. */
  | { readonly type: 'event'; readonly name: string; readonly detail: string }
  | { readonly type: 'trouble'; readonly what: string }
