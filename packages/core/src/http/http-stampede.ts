import { NO_HEADERS } from './rfc/headers.ts'
import { OptionError } from '../base/errors.ts'
import type { ChangeResult } from '../fleet/change-result.ts'
import { SILENT } from './response/cache-status.ts'
import { directivesOf } from './request/request-directives.ts'
import { controlsOf, type HttpControls } from './invalidate/controls.ts'
import {
  type InstanceOptions,
  type ResolvedHttpOptions,
  resolveHttpOptions,
  resolveSharedOptions,
  type RouteOptions,
} from './options/http-options.ts'
import { type HttpPolicy } from './options/http-policy.ts'
import { policyOf } from './request/compile-policy.ts'
import { HttpSettlement } from './flight/http-settlement.ts'
import { HttpState } from './flight/http-state.ts'
import type { HttpStats } from './options/http-stats.ts'
import { Decider } from './decide/decider.ts'
import { primaryKey } from './request/key.ts'
import type { KeyedRequest } from './request/keyed-request.ts'
import { bypassReason, conditionsOf, isPlain } from './request/participation.ts'
import { RefreshTicket } from './flight/refresh.ts'
import { enterOnce } from './request/reentrancy.ts'
import type { RouteScope } from './request/route-scope.ts'
import { bodyKey, isBodiless } from './request/request-body.ts'
import type { HandleSource } from './options/response-handle.ts'
import type { Answer, Answered, OriginResponse, ReplayDecision, RequestView, Decision } from './contract/contract.ts'
import { answeredFor } from './invalidate/unsafe-methods.ts'

const NOT_SHARED = 'only this process can tell a route from others of its target: its answers stay out of the store'

/** Options of an adapter. */
export interface HttpOptions extends InstanceOptions {
  /**
   * An instance to share with other adapters and routes, so that they have one store and one invalidation. Beside it
   * stand only the options that a route may set; the others are the instance's own. Default: one for itself.
   */
  readonly instance?: HttpStampede | undefined
}

type UnkeyedRequest = Pick<KeyedRequest, 'view' | 'policy' | 'directives' | 'handle'> & { readonly plain: boolean }

/** The key / fetch / replay contract for HTTP: what an adapter maps its framework's lifecycle onto. */
export class HttpStampede {
  readonly #options: ResolvedHttpOptions
  readonly #policy: HttpPolicy
  readonly #state: HttpState
  readonly #decider: Decider
  /** What an adapter gives to the app. */
  readonly controls: HttpControls

  /**
   * With the option `instance`, the same instance as that one, with options of its own for its requests.
   *
   * @throws {OptionError} for a wrong option, naming it
   */
  constructor(options?: HttpOptions) {
    const shared = sharedBy(options)
    this.#options = shared === undefined ? resolveHttpOptions(options) : resolveSharedOptions(shared.#options, options)
    this.#policy = policyOf(this.#options, undefined, '', '')
    this.#state = shared === undefined ? new HttpState(this.#options) : shared.#state
    this.#decider = new Decider(this.#state, new HttpSettlement(this.#state))
    this.controls = controlsOf(this.#state)
  }

  /**
   * What holds for one route: its options over those of the instance. Give it to `open` as the policy.
   *
   * @param origin where the route's options stand, for errors
   * @param scope tells apart routes of one target, where the framework has such; part of every key. `routeScope` makes it
   * @throws {OptionError} for a wrong value or an unknown name
   */
  policy(route: RouteOptions | undefined, origin = '', scope: RouteScope | string = ''): HttpPolicy {
    const policy = policyOf(this.#options, route, origin, scope)
    if (policy.isLocal && this.#state.fleet !== undefined)
      this.#state.emit({ type: 'degrade', target: '*', reason: NOT_SHARED })
    return policy
  }

  /**
   * Whether a request, known by an object that its framework makes for it, comes here for the first time. One that comes
   * again, as where an app uses one middleware twice, is not to be opened: it would wait for itself.
   */
  enter(request: object): boolean {
    return enterOnce(request, this.#state)
  }

  /**
   * What this request is to do: at once, or, for a follower, when that is known. Rejects only with the error of the
   * handler that the request waited for.
   *
   * @param handle what the handler is given to speak of its own answer: one for a request, whoever opens it; or what gives
   *   it, called only where a handler has run
   */
  open(view: RequestView, policy: HttpPolicy = this.#policy, handle?: HandleSource): Decision | Promise<Decision> {
    try {
      if (this.#state.isClosed) return this.#decider.bypass({ view, policy }, 'closed')
      const directives = directivesOf(view, policy)
      const plain = isPlain(view, policy)
      const reason = bypassReason(view, policy, plain) ?? (directives.noStore ? 'no-store' : undefined)
      if (reason !== undefined) return this.#decider.bypass({ view, policy }, reason)
      const request = this.#keyed({ view, policy, directives: directives, plain, handle })
      return request === null ? this.#decider.bypass({ view, policy }, 'key') : this.#openKeyed(request)
    } catch (error) {
      return this.#fault(view, policy, error)
    }
  }

  /** `open` for lifecycles that can be wrapped: `forward` runs the handler, whole body and all. */
  async run(
    view: RequestView,
    forward: () => OriginResponse | Promise<OriginResponse>,
    policy: HttpPolicy = this.#policy,
  ): Promise<Answer> {
    const decision = await this.open(view, policy)
    if (decision.kind === 'replay') return replayed(decision)
    if (decision.kind === 'bypass')
      return { kind: 'forwarded', origin: await answeredBy(forward, decision.answered), outcome: decision.outcome }
    try {
      const origin = await forward()
      const sent = decision.lease.snapshot(origin)
      decision.lease.fulfill()
      if (sent === undefined) return { kind: 'forwarded', origin, outcome: decision.outcome }
      return 'kind' in sent
        ? replayed(sent)
        : { kind: 'forwarded', origin: { ...origin, body: sent }, outcome: decision.outcome }
    } catch (error) {
      const sent = decision.lease.fail(error)
      if (sent === undefined) throw error
      return replayed(sent)
    }
  }

  /** The decision of a request to a route that takes no part: nothing is said of it. */
  bypass(view: RequestView): Decision {
    return { kind: 'bypass', outcome: SILENT, answered: answeredFor(view, [], this.#state) }
  }

  /** Drops what is stored for a path: see {@link HttpControls}. */
  invalidate(path: string): Promise<ChangeResult> {
    return this.controls.invalidate(path)
  }

  /** Drops what bears one of the tags: see {@link HttpControls}. */
  invalidateTags(...tags: readonly string[]): Promise<ChangeResult> {
    return this.controls.invalidateTags(...tags)
  }

  /** Drops all that is stored: see {@link HttpControls}. */
  clear(): Promise<ChangeResult> {
    return this.controls.clear()
  }

  /** Ends it: see {@link HttpControls}. */
  close(): Promise<void> {
    return this.controls.close()
  }

  /** Counts since the start, and what is held now: see {@link HttpControls}. */
  stats(): HttpStats {
    return this.controls.stats()
  }

  /** Null where the `key` option says that it takes no part. */
  #keyed({ view, policy, directives, plain, handle }: UnkeyedRequest): KeyedRequest | null {
    const recent = plain ? this.#state.recentKeys.find(view, policy) : undefined
    const key = recent?.key ?? primaryKey(view, policy, plain)
    if (key === null) return null
    const conditions = plain ? '' : conditionsOf(view)
    const arrivedAt = this.#state.clock.now()
    return { view, policy, key, conditions, directives, arrivedAt, plain, recent, handle }
  }

  #openKeyed(request: KeyedRequest): Decision | Promise<Decision> {
    const { method, ticket } = request.view
    if (!isBodiless(method)) return this.#openWithBody(request)
    return ticket instanceof RefreshTicket
      ? this.#decider.decideRefresh(request, ticket)
      : this.#decider.decide(request, request.arrivedAt)
  }

  /** Of methods whose requests have a body it is part of the key. Only then a request that joins nobody waits. */
  async #openWithBody(request: KeyedRequest): Promise<Decision> {
    const { view, policy } = request
    let body: string | null
    try {
      body = await bodyKey(view)
    } catch (error) {
      return this.#fault(view, policy, error)
    }
    if (body === null) return this.#decider.bypass(request, 'body')
    // An upload may take its time: a follower's deadline counts from its end.
    return this.#decider.decide({ ...request, key: request.key + body, arrivedAt: this.#state.clock.now() })
  }

  /** Trouble of Stampede's own, or in an option: the handler runs. */
  #fault(view: RequestView, policy: HttpPolicy, error: unknown): Decision {
    this.#state.emit({ type: 'error', target: view.target, error })
    return this.#decider.bypass({ view, policy }, 'error')
  }
}

/** The answer to a request that is passed on. What it invalidates is dropped before anybody sees it. */
async function answeredBy(
  forward: () => OriginResponse | Promise<OriginResponse>,
  answered: Answered | undefined,
): Promise<OriginResponse> {
  try {
    const origin = await forward()
    answered?.(origin.headers, origin.status)
    return origin
  } finally {
    answered?.(NO_HEADERS, 0)
  }
}

function replayed({ response, outcome }: ReplayDecision): Answer {
  return { kind: 'replayed', response, outcome }
}

/** The instance that the options name, where they name one. */
function sharedBy(options: HttpOptions | undefined): HttpStampede | undefined {
  const instance: unknown = options?.instance
  if (instance === undefined || instance instanceof HttpStampede) return instance
  throw new OptionError('instance', instance, 'an HttpStampede of this very copy of @stampede/core/http')
}
