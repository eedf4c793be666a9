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
   * An instance to share with other adapters and routes, so that they share one store and its invalidations. Only
   * route options may be set in addition; all other options are those of the instance. Default: a new instance.
   */
  readonly instance?: HttpStampede | undefined
}

type UnkeyedRequest = Pick<KeyedRequest, 'view' | 'policy' | 'directives' | 'handle'> & { readonly plain: boolean }

/** Coalescing and caching for HTTP: what an adapter maps the lifecycle of its framework onto. */
export class HttpStampede {
  readonly #options: ResolvedHttpOptions
  readonly #policy: HttpPolicy
  readonly #state: HttpState
  readonly #decider: Decider
  /** The functions that an adapter offers to the app. */
  readonly controls: HttpControls

  /**
   * With the option `instance`, this object uses the same store and flights, with its own options for its requests.
   *
   * @throws {OptionError} that names a wrong option
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
   * Prepares the options of one route, based on those of the instance. Pass the result to `open`.
   *
   * @param origin where the options of the route were written, for errors
   * @param scope distinguishes routes with the same target, if the framework has such routes; part of every key. Made
   * by `routeScope`
   * @throws {OptionError} for a wrong value or an unknown name
   */
  policy(route: RouteOptions | undefined, origin = '', scope: RouteScope | string = ''): HttpPolicy {
    const policy = policyOf(this.#options, route, origin, scope)
    if (policy.isLocal && this.#state.fleet !== undefined)
      this.#state.emit({ type: 'degrade', target: '*', reason: NOT_SHARED })
    return policy
  }

  /**
   * Returns whether a request enters for the first time. Do not open a request that enters again, as in an app that
   * uses one middleware twice: it would wait for itself.
   *
   * @param request an object that identifies the request in its framework
   */
  enter(request: object): boolean {
    return enterOnce(request, this.#state)
  }

  /**
   * Decides what the adapter must do with a request: at once or, for a follower, when the answer is known. Rejects
   * only with the error of the handler that the request waited for.
   *
   * @param handle the handle for the handler's own settings, one per request; or a function that returns it, called
   * only after a handler has run
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

  /**
   * `open` for lifecycles that can be wrapped: `forward` runs the handler and returns its answer with the complete
   * body.
   */
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

  /** The decision for a request to a route that takes no part. It sets no headers. */
  bypass(view: RequestView): Decision {
    return { kind: 'bypass', outcome: SILENT, answered: answeredFor(view, [], this.#state) }
  }

  /** Invalidates a path: see {@link HttpControls}. */
  invalidate(path: string): Promise<ChangeResult> {
    return this.controls.invalidate(path)
  }

  /** Invalidates tags: see {@link HttpControls}. */
  invalidateTags(...tags: readonly string[]): Promise<ChangeResult> {
    return this.controls.invalidateTags(...tags)
  }

  /** Removes everything: see {@link HttpControls}. */
  clear(): Promise<ChangeResult> {
    return this.controls.clear()
  }

  /** Closes the instance: see {@link HttpControls}. */
  close(): Promise<void> {
    return this.controls.close()
  }

  /** Counters and sizes: see {@link HttpControls}. */
  stats(): HttpStats {
    return this.controls.stats()
  }

  /** Null if the `key` option excludes the request. */
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

  /** For methods whose requests have a body, the body is part of the key. Only here a leader waits before it starts. */
  async #openWithBody(request: KeyedRequest): Promise<Decision> {
    const { view, policy } = request
    let body: string | null
    try {
      body = await bodyKey(view)
    } catch (error) {
      return this.#fault(view, policy, error)
    }
    if (body === null) return this.#decider.bypass(request, 'body')
    // An upload may take its time, so a follower's time limit starts at its end.
    return this.#decider.decide({ ...request, key: request.key + body, arrivedAt: this.#state.clock.now() })
  }

  /** Stampede, or one of its options, failed: the handler runs. */
  #fault(view: RequestView, policy: HttpPolicy, error: unknown): Decision {
    this.#state.emit({ type: 'error', target: view.target, error })
    return this.#decider.bypass({ view, policy }, 'error')
  }
}

/** The answer to a forwarded request. What it invalidates is removed before the client receives it. */
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

/** The instance that the options name, if they do. */
function sharedBy(options: HttpOptions | undefined): HttpStampede | undefined {
  const instance: unknown = options?.instance
  if (instance === undefined || instance instanceof HttpStampede) return instance
  throw new OptionError('instance', instance, 'an HttpStampede of this very copy of @stampede/core/http')
}
