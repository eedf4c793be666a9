import { AsyncResource } from 'node:async_hooks'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import {
  type HttpControls,
  type HttpOptions,
  type HttpPolicy,
  HttpStampede,
  type MessageRefresh,
  messageRefresh,
  type ResponseHandle,
  routeScope,
  type RouteOptions as StampedeRouteOptions,
  type Decision,
  whenFinished,
} from '@stampede/core/http'
import type {
  FastifyInstance,
  FastifyPluginAsync,
  onRequestHookHandler,
  RouteHandlerMethod,
  RouteOptions as FastifyRoute,
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { LeftOut } from './left-out.ts'
import {
  fulfillOnSend,
  HANDLE,
  handleOf,
  headersOf,
  isHijacked,
  NO_HEADERS,
  NOTHING,
  replay,
  takeOnSend,
  TURN,
  watchHead,
} from './reply.ts'
import { requestView, showTo } from './request.ts'
import { noteWrapped } from './shared-bytes.ts'

/** What the app may ask of Stampede, as `fastify.stampede`. */
export type FastifyStampede = HttpControls

/** Options of the plugin: those of every adapter. */
export type StampedePluginOptions = HttpOptions

// In here, `RouteOptions` would be Fastify's own, as soon as any plugin adds to those.
declare module 'fastify' {
  interface FastifyInstance {
    stampede: FastifyStampede
  }
  interface FastifyReply {
    /** What the handler may say of its own answer. */
    readonly stampede: ResponseHandle
  }
  interface FastifyContextConfig {
    /**
     * Options of this route over those of the plugin, or false: the route takes no part. In an app of Nest's, only routes
     * that have options or true take part.
     */
    stampede?: StampedeRouteOptions | boolean | undefined
  }
}

/** What Fastify itself reads from the options of any plugin. */
const OF_FASTIFY = ['prefix', 'logLevel', 'logSerializers']

// Asynchronous: what a plugin with a callback throws, Fastify does not catch.
const plugin: FastifyPluginAsync<StampedePluginOptions> = async (fastify: FastifyInstance, options) => {
  const core = new HttpStampede(withoutFastifys(options))
  fastify.decorate('stampede', core.controls)
  fastify.decorateRequest(TURN)
  fastify.decorateRequest(HANDLE)
  fastify.decorateReply('stampede', {
    getter() {
      return handleOf(this.request)
    },
  })
  const refresh = refreshThrough(fastify)
  const leftOut = new LeftOut(fastify, core.policy(undefined).methods)
  fastify.addHook('onRoute', route => {
    leftOut.meet(route)
    takePart(core, route, { refresh, leftOut })
  })
  // Fastify reads the URL as sent when it is first asked for: before a hook of the app changes it.
  fastify.addHook('onRequest', rememberUrl)
  // Early: behind this hook come those that compress, and those of the routes.
  fastify.addHook(
    'onSend',
    takeOnSend(core, request => leftOut.notice(request)),
  )
  // An instance that is shared is its owner's to close.
  if (options.instance === undefined) fastify.addHook('onClose', () => core.close())
}

/**
 * Runs the handler once for a request, however many ask for the same at that moment, and gives everyone the answer.
 * Register it before the routes. It stands where the handler stands, after every `preHandler`: a hit never jumps over
 * a route's authentication.
 *
 * @throws {OptionError} for a wrong option, naming it
 */
export const stampedePlugin: FastifyPluginAsync<StampedePluginOptions> = fastifyPlugin(plugin, {
  name: '@stampede/fastify',
  fastify: '5.x',
})

/** Through the whole app, its hooks included, and in nobody's asynchronous context. */
function refreshThrough(fastify: FastifyInstance): MessageRefresh {
  const scope = new AsyncResource('stampede.refresh')
  return messageRefresh<IncomingMessage, ServerResponse>(
    { IncomingMessage, ServerResponse, Duplex },
    (request, reply) => scope.runInAsyncScope(() => fastify.routing(request, reply)),
  )
}

interface App {
  readonly refresh: MessageRefresh
  readonly leftOut: LeftOut
}

function takePart(core: HttpStampede, route: FastifyRoute, { refresh, leftOut }: App): void {
  const own = route.config?.stampede
  const policy = own === false ? null : policyOf(core, route, own)
  const { handler } = route
  const take = wrap(handler)
  let isFirst = true
  route.handler = function (request, reply) {
    if (isFirst && !standsLast(route)) noteWrapped(request)
    isFirst = false
    const view = requestView(request, reply, refresh)
    // Where guards run inside the handler, a hit would jump over them.
    const isOut = policy === null || (own === undefined && leftOut.isGuardedInside)
    const decision = isOut ? core.bypass(view) : core.open(view, policy, () => handleOf(request))
    if (!(decision instanceof Promise)) return take.call(this, request, reply, decision)
    // Resolving with the reply means that it will be sent, by a handler that does so without a promise.
    return decision.then(taken => take.call(this, request, reply, taken) ?? reply)
  }
  // A new array: the one that is there is shared with the HEAD route that Fastify makes of a GET.
  route.onSend = [route.onSend ?? []].flat().concat(fulfillOnSend)
}

/** Whether our hook still stands where it was put: other plugins may wrap what they find on a route. */
function standsLast({ onSend }: FastifyRoute): boolean {
  return [onSend].flat().at(-1) === fulfillOnSend
}

type Take = (
  this: FastifyInstance,
  request: Parameters<RouteHandlerMethod>[0],
  reply: Parameters<RouteHandlerMethod>[1],
  decision: Decision,
) => unknown

function wrap(handler: RouteHandlerMethod): Take {
  return function (request, reply, decision) {
    if (decision.kind === 'replay') return replay(request, reply, decision)
    if (decision.kind === 'bypass') {
      request[TURN] = { decision, before: NO_HEADERS, restore: NOTHING, isTold: false }
      watchHead(reply, decision)
      return handler.call(this, request, reply)
    }
    const { lease } = decision
    const restore = showTo(request, lease.handlerHeaders)
    request[TURN] = { decision, lease, before: headersOf(reply), restore, isTold: false }
    // The last resort: an answer that ended without passing the hooks.
    whenFinished(reply.raw, () => lease.decline('unseen'))
    const result: unknown = handler.call(this, request, reply)
    const onReturned = (): void => {
      if (isHijacked(reply)) lease.decline('hijacked')
    }
    if (result instanceof Promise) result.then(onReturned, () => {})
    else onReturned()
    return result
  }
}

const rememberUrl: onRequestHookHandler = (request, _reply, done) => {
  void request.originalUrl
  done()
}

/** Routes of one URL that differ by what they are constrained to, such as a version. A GET and its HEAD are one. */
function policyOf(
  core: HttpStampede,
  { url, constraints }: FastifyRoute,
  own: StampedeRouteOptions | true | undefined,
): HttpPolicy {
  const isConstrained = Object.keys(constraints ?? {}).length > 0
  return core.policy(
    own === true ? undefined : own,
    'config.stampede',
    isConstrained ? routeScope(url, constraints) : '',
  )
}

function withoutFastifys(options: StampedePluginOptions): StampedePluginOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !OF_FASTIFY.includes(name)))
}
