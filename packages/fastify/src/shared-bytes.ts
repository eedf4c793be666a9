import { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'

/** What Fastify knows of a route. */
interface RouteContext {
  readonly onSend?: readonly unknown[] | null
}

/** Where a request keeps that of its route: Fastify shows it to nobody. */
let place: symbol | undefined

/** Routes behind whose handler stand no hooks but ours. Fastify takes no hooks any more once it is ready. */
const alone = new WeakMap<object, boolean>()

/**
 * Whether nobody but Node gets hold of the payload that a handler sends: then stored bytes need no copy. False also where
 * that cannot be seen.
 *
 * @param own the hooks that may stand there, in order
 */
export function isUnseen(request: FastifyRequest, reply: FastifyReply, own: readonly onSendHookHandler[]): boolean {
  const { raw } = reply
  const { prototype } = ServerResponse
  // A wrapped `send`, `write` or `end` sees it too; HTTP/2 and `inject` have others.
  const isWrapped = raw.end !== prototype.end || raw.write !== prototype.write || Object.hasOwn(reply, 'send')
  return !isWrapped && isAlone(request, own)
}

const buffers = new WeakMap<Uint8Array, Buffer>()

/** The one Buffer over stored bytes, for all to whom they are shown by nobody. */
export function sharedBuffer(bytes: Uint8Array): Buffer {
  let buffer = buffers.get(bytes)
  if (buffer === undefined) {
    buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    buffers.set(bytes, buffer)
  }
  return buffer
}

function isAlone(request: FastifyRequest, own: readonly onSendHookHandler[]): boolean {
  place ??= Object.getOwnPropertySymbols(request).find(symbol => symbol.description === 'fastify.context')
  const context: unknown = place && Reflect.get(request, place)
  if (typeof context !== 'object' || context === null) return false
  const known = alone.get(context)
  if (known !== undefined) return known
  const { onSend } = context as RouteContext
  const isOurs = onSend?.length === own.length && own.every((hook, at) => isBound(onSend[at], hook))
  alone.set(context, isOurs)
  return isOurs
}

/** Fastify binds each hook to its instance, and shows of it only the name. */
function isBound(bound: unknown, hook: onSendHookHandler): boolean {
  return typeof bound === 'function' && hook.name !== '' && bound.name === `bound ${hook.name}`
}
