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

interface WithBuiltins {
  readonly process?: { getBuiltinModule?(name: 'node:util'): NodeUtil | undefined }
}

/** Whether an object shows another one as it likes. Node alone tells, and is asked for nowhere else. */
export const isProxy: (value: unknown) => boolean =
  (globalThis as WithBuiltins).process?.getBuiltinModule?.('node:util')?.types.isProxy ?? (() => true)
