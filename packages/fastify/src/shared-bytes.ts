import { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'

/** What Fastify knows of a route. Its hooks are final once it is ready. It binds each, so they cannot be identified. */
interface RouteContext {
  readonly onSend?: readonly unknown[] | null
}

/** The symbol under which a request holds the context of its route, which Fastify does not expose. */
let place: symbol | undefined

/** The hooks of ours that have run on a route; null if that proves nothing. */
const ran = new WeakMap<RouteContext, Set<onSendHookHandler> | null>()

/** States that other code wraps the hooks of a route. */
export function noteWrapped(request: FastifyRequest): void {
  const context = contextOf(request)
  if (context !== undefined) ran.set(context, null)
}

/** States that a hook of ours has run for this request. */
export function noteRun(request: FastifyRequest, hook: onSendHookHandler): void {
  const context = contextOf(request)
  if (context === undefined) return
  const hooks = ran.get(context)
  if (hooks === undefined) ran.set(context, new Set([hook]))
  else hooks?.add(hook)
}

/**
 * Whether only Node receives the payload that a handler sends, so that stored bytes need no copy. False if that is
 * unknown.
 */
export function isUnseen(request: FastifyRequest, reply: FastifyReply): boolean {
  const { raw } = reply
  const { prototype } = ServerResponse
  // A wrapped `send`, `write` or `end` receives it too; HTTP/2 and `inject` have their own.
  const isWrapped = raw.end !== prototype.end || raw.write !== prototype.write || Object.hasOwn(reply, 'send')
  const isTapped = raw.socket === null || Object.hasOwn(raw.socket, 'write')
  return !isWrapped && !isTapped && isAlone(request)
}

/** The route has as many hooks as ours have run: there are no others. */
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

/** One Buffer over stored bytes, for all requests whose payload no other code receives. */
export function sharedBuffer(bytes: Uint8Array): Buffer {
  let buffer = buffers.get(bytes)
  if (buffer === undefined) {
    buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    buffers.set(bytes, buffer)
  }
  return buffer
}
