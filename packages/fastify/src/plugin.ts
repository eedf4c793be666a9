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

/** The functions of Stampede for the app, as `fastify.stampede`. */
export type FastifyStampede = HttpControls

/** Options of the plugin: those of every adapter. */
export type StampedePluginOptions = HttpOptions

// In here, `RouteOptions` would be Fastify's own, as soon as any plugin adds to those.
declare module 'fastify' {
  interface FastifyInstance {
    stampede: FastifyStampede
  }
  interface FastifyReply {
    /** Settings of the handler for its own answer. */
    readonly stampede: ResponseHandle
  }
  interface FastifyContextConfig {
    /**
     * Options of this route, or else those of the plugin; false excludes the route. In an app of Nest, only routes
     * with options or true take part.
     */
    stampede?: StampedeRouteOptions | boolean | undefined
  }
}

/** The options that Fastify itself reads of every plugin. */
const OF_FASTIFY = ['prefix', 'logLevel', 'logSerializers']

// Async, because Fastify does not catch what a plugin with a callback throws.
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
  // Fastify reads the URL as sent on first access: before a hook of the app changes it.
  fastify.addHook('onRequest', rememberUrl)
  // Early: hooks that compress, and those of routes, come later.
  fastify.addHook(
    'onSend',
    takeOnSend(core, request => leftOut.notice(request)),
  )
  // The owner of a shared instance closes it.
  if (options.instance === undefined) fastify.addHook('onClose', () => core.close())
}

/**
 * Runs the handler once for all concurrent requests with the same key, and sends the answer to all of them. Register
 * it before the routes. It runs in place of the handler, after every `preHandler`, so a hit never skips a route's
 * authentication.
 *
 * @throws {OptionError} that names a wrong option
 */
export const stampedePlugin: FastifyPluginAsync<StampedePluginOptions> = fastifyPlugin(plugin, {
  name: '@stampede/fastify',
  fastify: '5.x',
})

/** Through the whole app with its hooks, outside the asynchronous context of any request. */
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
    // With guards inside the handler, a hit would skip them.
    const isOut = policy === null || (own === undefined && leftOut.isGuardedInside)
    const decision = isOut ? core.bypass(view) : core.open(view, policy, () => handleOf(request))
    if (!(decision instanceof Promise)) return take.call(this, request, reply, decision)
    // Resolving with the reply promises that it will be sent, by a handler without a promise.
    return decision.then(taken => take.call(this, request, reply, taken) ?? reply)
  }
  // A new array, since Fastify shares the existing one with the HEAD route that it makes of a GET.
  route.onSend = [route.onSend ?? []].flat().concat(fulfillOnSend)
}

/** Whether our hook is still in its place: other plugins may wrap hooks of a route. */
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

/** Routes with one URL and different constraints, such as a version. A GET and its HEAD are one route. */
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
