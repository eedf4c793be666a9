import { connectionOf, OptionError, type RefreshRequest, stripped } from '@stampede/core/http'
import type { Context } from 'hono'
import { executionOf, nodeParts } from './runtime.ts'

/**
 * Answers a request of Stampede's own, through the whole app: `app.fetch`. `env` and `executionCtx` are those of the
 * request that found the response stale; on Node, `env` shows only its address.
 */
export type Refresh = (
  request: Request,
  env: object,
  executionCtx: Context['executionCtx'] | undefined,
) => Response | Promise<Response>

/**
 * The option as a function. The app is read at each refresh: it may get its routes, or another `fetch`, later.
 *
 * @throws {OptionError} for anything else
 */
export function refreshOf(given: Refresh | { readonly fetch: Refresh } | undefined): Refresh | undefined {
  if (given === undefined || typeof given === 'function') return given
  if (!isApp(given)) throw new OptionError('refresh', given, TAKES)
  return (...asked) => given.fetch(...asked)
}

const TAKES = 'the app, or a function (request, env, executionCtx) => Response'

function isApp(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'fetch' in given && typeof given.fetch === 'function'
}

/** The parameters of a request of Stampede's own. */
export interface Asked {
  readonly ticket: object
  /** As in the triggering request. */
  readonly target: string
  readonly isShown: boolean
  /** The place of the middleware that sent it. */
  readonly registration: object | undefined
}

/** The requests that Stampede sent. No client can add one. */
const sent = new WeakMap<Request, Asked>()

export function askedOf(request: Request): Asked | undefined {
  return sent.get(request)
}

/** Before the host of a view whose request has no Host field. */
export const NO_FIELD = ' /'

/** Sends the request, and reads and discards all of the answer. */
export async function send(
  c: Context,
  refresh: Refresh,
  asked: RefreshRequest,
  trigger: Omit<Asked, 'target'>,
): Promise<void> {
  const { method, scheme, host, target, headers } = asked
  // No Host field, as in the view.
  const isNone = host.startsWith(NO_FIELD)
  const field: [string, string][] = isNone ? [] : [['host', host]]
  const request = new Request(
    `${scheme}://${isNone ? host.slice(NO_FIELD.length) : host}${stripped(nodeParts(c)?.incoming.baseUrl ?? '', target)}`,
    {
      method,
      headers: [...field, ...headers.map(([name, value]): [string, string] => [name, value])],
    },
  )
  sent.set(request, { ...trigger, target })
  const execution = executionOf(c)
  const answered = Promise.resolve(refresh(request, envOf(c, asked), execution)).then(response => drain(response))
  // Workers end a request's work when its client has its answer.
  execution?.waitUntil(answered.catch(() => {}))
  await answered
}

async function drain({ body }: Response): Promise<void> {
  await body?.pipeTo(new WritableStream())
}

/** On Node, `env` holds the triggering request and its reply, which no other request may write to. */
function envOf(c: Context, asked: RefreshRequest): object {
  const node = nodeParts(c)
  if (node === undefined) return (c.env as object | undefined) ?? {}
  return { incoming: { socket: connectionOf(asked, node.incoming) } }
}
