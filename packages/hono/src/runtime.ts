import type { Message, WritableReply } from '@stampede/core/http'
import type { Context } from 'hono'

/** What stands behind a Hono context on Node. */
export interface NodeParts {
  readonly incoming: Message & { readonly url: string; readonly rawHeaders?: readonly string[] }
  readonly outgoing: WritableReply
}

export function nodeParts(c: Context): NodeParts | undefined {
  const env = c.env as Partial<NodeParts> | undefined
  const isNode = typeof env?.outgoing?.writeHead === 'function' && typeof env.incoming?.url === 'string'
  return isNode ? (env as NodeParts) : undefined
}

/** What a runtime such as Workers gives to ask for more time; Hono throws where the app was given none. */
export function executionOf(c: Context): Context['executionCtx'] | undefined {
  if (nodeParts(c) !== undefined) return undefined
  try {
    return c.executionCtx
  } catch {
    return undefined
  }
}

/** Their servers hand over requests without a Host field, with a URL that has one. */
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

/** Whether an object shows another one as it likes. Node alone tells, and is asked for nowhere else. */
export const isProxy: (value: unknown) => boolean =
  process?.getBuiltinModule?.('node:util')?.types.isProxy ?? (() => true)

/** The same function, to be run in the asynchronous context of now, where the runtime has such. */
export function inThisContext<Work extends (...given: never[]) => unknown>(work: Work): Work {
  return process?.getBuiltinModule?.('node:async_hooks')?.AsyncResource.bind(work) ?? work
}
