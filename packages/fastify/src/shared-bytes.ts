import { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'

/** What Fastify knows of a route. Its hooks are final once it is ready; it binds each, and so they cannot be told apart. */
interface RouteContext {
  readonly onSend?: readonly unknown[] | null
}

/** Where a request keeps that of its route: Fastify shows it to nobody. */
let place: symbol | undefined

/** Those of our hooks that have run on a route; null where that says nothing. */
const ran = new WeakMap<RouteContext, Set<onSendHookHandler> | null>()

/** Says that somebody stands between Fastify and the hooks of a route. */
export function noteWrapped(request: FastifyRequest): void {
  const context = contextOf(request)
  if (context !== undefined) ran.set(context, null)
}

/** Says that a hook of ours has run for this request. */
export function noteRun(request: FastifyRequest, hook: onSendHookHandler): void {
  const context = contextOf(request)
  if (context === undefined) return
  const hooks = ran.get(context)
  if (hooks === undefined) ran.set(context, new Set([hook]))
  else hooks?.add(hook)
}

/**
 * Whether nobody but Node gets hold of the payload that a handler sends: then stored bytes need no copy. False also where
 * that cannot be seen.
 */
export function isUnseen(request: FastifyRequest, reply: FastifyReply): boolean {
  const { raw } = reply
  const { prototype } = ServerResponse
  // A wrapped `send`, `write` or `end` sees it too; HTTP/2 and `inject` have others.
  const isWrapped = raw.end !== prototype.end || raw.write !== prototype.write || Object.hasOwn(reply, 'send')
  const isTapped = raw.socket === null || Object.hasOwn(raw.socket, 'write')
  return !isWrapped && !isTapped && isAlone(request)
}

/** As many hooks stand on its route as ours have run on it: there are no others. */
function isAlone(request: FastifyRequest): boolean {
  const context = contextOf(request)
  const hooks = context && ran.get(context)
  return hooks instanceof Set && hooks.size === context?.onSend?.length
}

function contextOf(request: FastifyRequest): RouteContext | undefined {
  place ??= Object.getOwnPropertySymbols(request).find(symbol => symbol.description === 'fastify.context')
  const context: unknown = place && Reflect.get(request, place)
  return typeof context === 'object' && context !== null ? context : undefined
}

const buffers = new WeakMap<Uint8Array, Buffer>()

/** The one Buffer over stored bytes, for all requests whose payload nobody sees. */
export function sharedBuffer(bytes: Uint8Array): Buffer {
  let buffer = buffers.get(bytes)
  if (buffer === undefined) {
    buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    buffers.set(bytes, buffer)
  }
  return buffer
}
