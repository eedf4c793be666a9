import type { Message, WritableReply } from '@stampede/core/http'
import type { Context } from 'hono'

/** What a Hono context has on Node. */
export interface NodeParts {
  readonly incoming: Message & { readonly url: string; readonly rawHeaders?: readonly string[] }
  readonly outgoing: WritableReply
}

export function nodeParts(c: Context): NodeParts | undefined {
  const env = c.env as Partial<NodeParts> | undefined
  const isNode = typeof env?.outgoing?.writeHead === 'function' && typeof env.incoming?.url === 'string'
  return isNode ? (env as NodeParts) : undefined
}

/** What runtimes such as Workers offer to extend a request; Hono throws if there is none. */
export function executionOf(c: Context): Context['executionCtx'] | undefined {
  if (nodeParts(c) !== undefined) return undefined
  try {
    return c.executionCtx
  } catch {
    return undefined
  }
}

/** Their servers pass requests without a Host field, with a URL that has one. */
export const mayLackHost: boolean = 'Deno' in globalThis || 'Bun' in globalThis

interface NodeUtil {
  readonly types: { readonly isProxy: (value: unknown) => boolean }
}

interface NodeAsyncHooks {
  readonly AsyncResource: { bind<Work extends (...given: never[]) => unknown>(work: Work): Work }
}

interface Builtins {
  readonly 'node:util': NodeUtil
  readonly 'node:async_hooks': NodeAsyncHooks
}

interface WithBuiltins {
  readonly process?: {
    getBuiltinModule?<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined
  }
}

const { process } = globalThis as WithBuiltins

/** Whether an object is a Proxy. Only Node can tell; elsewhere it does not matter. */
export const isProxy: (value: unknown) => boolean =
  process?.getBuiltinModule?.('node:util')?.types.isProxy ?? (() => true)

/** The same function, bound to the current asynchronous context, if the runtime has one. */
export function inThisContext<Work extends (...given: never[]) => unknown>(work: Work): Work {
  return process?.getBuiltinModule?.('node:async_hooks')?.AsyncResource.bind(work) ?? work
}
