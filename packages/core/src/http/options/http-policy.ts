import type { RequestView } from '../contract/contract.ts'
import type { ResponseView } from './http-options.ts'

/** The options of one route, resolved into what the rules ask for. To be made by `HttpStampede.policy`, and given to `open`. */
export interface HttpPolicy {
  /** Tells apart routes of one target; part of every key. */
  readonly scope: string
  /** The part of every key that tells it. */
  readonly scopeKey: string
  /** Whether its answers stay in this process: what tells the route from others is known to no other. */
  readonly isLocal: boolean
  /** Whether a request of Stampede's own may come to another route of the same target. */
  readonly isConstrained: boolean
  /** By the options `ttl` and `errorTtl`, milliseconds. */
  readonly lifetime: (response: ResponseView) => number
  /** Stale windows of a response that states none, milliseconds. */
  readonly staleWhileRevalidate: number
  /** The same where the handler fails. */
  readonly staleIfError: number
  /** Those that take part. */
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
  /** Request headers without which a GET or HEAD takes part, in lower case. */
  readonly bypassHeaders: ReadonlySet<string>
  /** Request headers without which nothing else is asked of a GET or HEAD, in lower case. */
  readonly relevantHeaders: ReadonlySet<string>
  /** What headers add to the key of one without those. */
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
