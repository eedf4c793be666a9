import { connectionOf, OptionError, type RefreshRequest, stripped } from '@stampede/core/http'
import type { Context } from 'hono'
import { executionOf, nodeParts } from './runtime.ts'

/**
 * Answers a request of Stampede's own, through the whole app: `app.fetch`. `env` and `executionCtx` are those of the
 * request that found the answer stale; on Node, `env` shows its address alone.
 */
export type Refresh = (
  request: Request,
  env: object,
  executionCtx: Context['executionCtx'] | undefined,
) => Response | Promise<Response>

/**
 * The option as a function. An app is asked as what it is at that moment: it may get its routes, or another `fetch`, later.
 *
 * @throws {OptionError} for what is neither
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

/** What a request of Stampede's own was sent with. */
export interface Asked {
  readonly ticket: object
  /** As the trigger's. */
  readonly target: string
  readonly isShown: boolean
  /** Where the middleware stands that sent it. */
  readonly registration: object | undefined
}

/** Of requests that Stampede sent. No client can put one here. */
const sent = new WeakMap<Request, Asked>()

export function askedOf(request: Request): Asked | undefined {
  return sent.get(request)
}

/** In front of the host of a view whose request has no Host field. */
export const NO_FIELD = ' /'

/** Sends the request and reads all of the answer, which goes nowhere. */
export async function send(
  c: Context,
  refresh: Refresh,
  asked: RefreshRequest,
  trigger: Omit<Asked, 'target'>,
): Promise<void> {
  const { method, scheme, host, target, headers } = asked
  // No Host field, as the view says it.
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
  // Workers end what is under way when the trigger's client has its answer.
  execution?.waitUntil(answered.catch(() => {}))
  await answered
}

async function drain({ body }: Response): Promise<void> {
  await body?.pipeTo(new WritableStream())
}

/** On Node the env is the trigger's own request and reply, which are not to be written by another. */
function envOf(c: Context, asked: RefreshRequest): object {
  const node = nodeParts(c)
  if (node === undefined) return (c.env as object | undefined) ?? {}
  return { incoming: { socket: connectionOf(asked, node.incoming) } }
}
