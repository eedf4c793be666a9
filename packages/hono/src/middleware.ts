import {
  type Answered,
  headerLines,
  type HttpControls,
  type HttpOptions,
  HttpStampede,
  type Lease,
  ResponseHandle,
  whenFinished,
  whenHeadWritten,
} from '@stampede/core/http'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { keepAlive } from './keep-alive.ts'
import { nodeParts, outgoingOf, requestView } from './request.ts'
import { answerOf, applyHeaders, dropOwnFields, headersSoFar, isHijacked, replay, sendTapped } from './response.ts'

/** Hono middleware, with what the app may ask of it. */
export interface HonoStampede extends MiddlewareHandler, HttpControls {}

/**
 * Middleware that runs what stands behind it once for a request, however many ask for the same at that moment, and
 * gives everyone the answer. Put it behind the app's authentication: a hit runs nothing that stands behind it.
 *
 * @throws {OptionError} for a wrong option, naming it
 */
export function stampede(options?: HttpOptions): HonoStampede {
  const core = new HttpStampede(options)
  const middleware = async (c: Context, next: Next): Promise<Response | undefined> => {
    if (!core.meets(c)) {
      await next()
      return undefined
    }
    const handle = handleOf(c)
    const turn = await core.open(requestView(c), undefined, handle)
    // Whatever becomes of the request: our own fields are not sent on.
    const outgoing = nodeParts(c)?.outgoing
    if (outgoing !== undefined) whenHeadWritten(outgoing)
    if (turn.kind === 'replay') return replay(c, turn.response, turn.outcome)
    if (turn.kind === 'lead') await lead(c, next, turn.lease)
    else await bypass(c, next, turn.answered)
    if (!c.finalized || isHijacked(c)) return undefined
    if (outgoing === undefined) dropOwnFields(c)
    applyHeaders(c, turn.outcome.headers)
    return undefined
  }
  return Object.assign(middleware, core.controls)
}

declare module 'hono' {
  interface ContextVariableMap {
    /** What the handler may say of its own answer. There for all that stands behind Stampede. */
    stampede: ResponseHandle
  }
}

/** One for each request, through however many instances it goes. */
function handleOf(c: Context): ResponseHandle {
  const present: unknown = c.get('stampede')
  if (present instanceof ResponseHandle) return present
  const handle = new ResponseHandle()
  c.set('stampede', handle)
  return handle
}

async function bypass(c: Context, next: Next, answered: Answered | undefined): Promise<void> {
  if (answered === undefined) return next()
  const outgoing = outgoingOf(c)
  // Only Node shows the final head; elsewhere it is the one that stands when this middleware is left.
  if (outgoing !== undefined) whenHeadWritten(outgoing, answered)
  await next()
  if (outgoing === undefined && c.finalized) answered(headerLines(c.res.headers), c.res.status)
}

async function lead(c: Context, next: Next, lease: Lease): Promise<void> {
  const before = headersSoFar(c)
  const release = keepAlive(c)
  try {
    await next()
  } catch (error) {
    lease.fail(error)
    release?.()
    throw error
  }
  if (!c.finalized || isHijacked(c)) {
    release?.()
    return lease.decline(c.finalized ? 'hijacked' : 'nothing')
  }
  const tapped = lease.snapshot({ ...answerOf(c, release), before })
  if (tapped === undefined) release?.()
  else sendTapped(c, tapped)
  const outgoing = outgoingOf(c)
  // Only Node shows the final head; elsewhere it is the one that stands when this middleware is left.
  if (outgoing === undefined) return lease.fulfill()
  whenHeadWritten(outgoing, headers => lease.fulfill(headers))
  whenFinished(outgoing, () => lease.decline('unseen'))
}
