import type { FastifyInstance, FastifyRequest, RouteOptions as FastifyRoute } from 'fastify'

/** Names of Nest's route handler, and of its wrapper for paths with parameters. */
const OF_NEST = /ExecutionContextHost|exceptionsHandler\.next\(|\bparams\[name\] === ['"]{2} && name !== ['"]\*['"]/

/** Routes that take no part although their author may think so. Each is named once, in a warning of the process. */
export class LeftOut {
  readonly #methods: readonly string[]
  /** Routes that were registered after the plugin, by method and URL. */
  readonly #known = new Set<string>()
  /** URLs that a warning has named. */
  readonly #named = new Set<string>()
  #isGuardedInside = false

  /** @param methods the methods that take part */
  constructor(fastify: FastifyInstance, methods: readonly string[]) {
    this.#methods = methods
    if (hasConstraintOfNest(fastify)) this.#findGuards()
  }

  /**
   * Whether the framework that owns the instance runs its guards inside the route's handler, as Nest does: a hit would
   * skip them. Once one route shows it, it holds for all routes, earlier ones included.
   */
  get isGuardedInside(): boolean {
    return this.#isGuardedInside
  }

  /** A route was registered after the plugin. */
  meet({ method, url, handler }: FastifyRoute): void {
    for (const name of [method].flat()) this.#known.add(nameOf(name, url))
    if (OF_NEST.test(Function.prototype.toString.call(handler))) this.#findGuards()
  }

  /** A request was answered without reaching one of our handlers. */
  notice({ method, is404, routeOptions }: FastifyRequest): void {
    const { url, config } = routeOptions
    if (is404 || url === undefined || this.#named.has(url) || this.#known.has(nameOf(method, url))) return
    const { stampede: own } = config
    const isMeant = own === false || (own === undefined && this.#isGuardedInside)
    if (isMeant || !this.#methods.includes(method)) return
    this.#named.add(url)
    warn(
      'STAMPEDE_ROUTE_BEFORE_PLUGIN',
      `the route ${method} ${url} takes no part: it was registered before the plugin. Register the plugin first, and wait ` +
        'for it: `await fastify.register(stampedePlugin)`. For a route that is to take no part: `config: { stampede: false }`.',
    )
  }

  #findGuards(): void {
    if (this.#isGuardedInside) return
    this.#isGuardedInside = true
    warn(
      'STAMPEDE_NEST',
      'this is an app of Nest’s, it seems, or of a framework like it. They run guards, pipes and interceptors inside the ' +
        'handlers of routes, so a hit would jump over them. Therefore only those routes take part that say so, by ' +
        '`@RouteConfig({ stampede: true })`, or by options in place of true: let it be routes whose answer is for everybody. ' +
        'What checks a request to such a route must stand in an `onRequest` hook or in middleware, which run for each request.',
    )
  }
}

/** Of the two routes that Fastify makes of `/` below a prefix, with and without the slash, hooks see only the first. */
function nameOf(method: string, url: string): string {
  return `${method} ${url.replace(/\/$/, '')}`
}

/** Nest gives Fastify its own strategy for versions; Fastify's own must always match. */
function hasConstraintOfNest({ initialConfig }: FastifyInstance): boolean {
  const { constraints, routerOptions } = initialConfig as Configured & { readonly routerOptions?: Configured }
  return [constraints, routerOptions?.constraints].some(given => given?.version?.mustMatchWhenDerived === false)
}

interface Configured {
  readonly constraints?: { readonly version?: { readonly mustMatchWhenDerived?: boolean } }
}

function warn(code: string, message: string): void {
  process.emitWarning(`stampede: ${message}`, { type: 'StampedeWarning', code })
}
