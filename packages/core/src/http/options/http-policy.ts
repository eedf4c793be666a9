import type { RequestView } from '../contract/contract.ts'
import type { ResponseView } from './http-options.ts'

/** The options of one route, prepared for the rules. `HttpStampede.policy` makes it; pass it to `open`. */
export interface HttpPolicy {
  /** Distinguishes routes with the same target. Part of every key. */
  readonly scope: string
  /** The part of every key that represents the scope. */
  readonly scopeKey: string
  /** Whether answers stay in this process, because no other process can distinguish the route from others. */
  readonly isLocal: boolean
  /** Whether a request of Stampede's own might reach another route with the same target. */
  readonly isConstrained: boolean
  /** The lifetime by the options `ttl` and `errorTtl`, milliseconds. */
  readonly lifetime: (response: ResponseView) => number
  /** Stale window of a response that states none, milliseconds. */
  readonly staleWhileRevalidate: number
  /** The same in place of a failure, milliseconds. */
  readonly staleIfError: number
  /** The methods that take part. */
  readonly methods: readonly string[]
  /** Whether a request takes part, by the option `match`. */
  readonly match: (view: RequestView) => boolean
  /** As the option. */
  readonly key: ((view: RequestView) => string | null) | undefined
  /** As the option. */
  readonly tags: readonly string[]
  /** Request headers in every key, in lower case and in a fixed order. */
  readonly keyHeaders: readonly string[]
  /** As the option. */
  readonly query: 'sorted' | readonly string[] | undefined
  /** As the option. */
  readonly credentials: 'bypass' | 'separate' | 'keyed' | 'share'
  /** In lower case. */
  readonly credentialHeaders: readonly string[]
  /** As the option; `undefined`: every cookie counts. */
  readonly cookies: readonly string[] | undefined
  /** A GET or HEAD with none of these request headers takes part; in lower case. */
  readonly bypassHeaders: ReadonlySet<string>
  /** The rules read only these headers of a GET or HEAD; in lower case. */
  readonly relevantHeaders: ReadonlySet<string>
  /** The part of the key that stands for the absence of all these headers. */
  readonly plainKey: string
  /** As the option. */
  readonly clientDirectives: 'ignore' | 'honor'
  /** As the option, in lower case. */
  readonly targetList: readonly string[]
  /** In lower case. */
  readonly omitHeaders: readonly string[]
  /** As the option. */
  readonly maxBodyBytes: number
  /** Milliseconds. */
  readonly waitTimeout: number
  /** As the option. */
  readonly cacheStatus: string | false
  /** As the option. */
  readonly xCache: boolean
}
