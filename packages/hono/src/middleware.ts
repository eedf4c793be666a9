import {
  type HttpControls,
  type HttpOptions,
  HttpStampede,
  type Lease,
  whenFinished,
  whenHeadWritten,
} from '@stampede/core/http'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { keepAlive } from './keep-alive.ts'
import { outgoingOf, requestView } from './request.ts'
import { answered, applyHeaders, headersSoFar, isHijacked, replay, sendTapped } from './response.ts'

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
    const turn = await core.open(requestView(c))
    if (turn.kind === 'replay') return replay(c, turn.response, turn.outcome)
    if (turn.kind === 'lead') await lead(c, next, turn.lease)
    else await next()
    if (c.finalized && !isHijacked(c)) applyHeaders(c, turn.outcome.headers)
    return undefined
  }
  return Object.assign(middleware, core.controls)
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
  const tapped = lease.snapshot({ ...answered(c, release), before })
  if (tapped === undefined) release?.()
  else sendTapped(c, tapped)
  const outgoing = outgoingOf(c)
  // Only Node shows the final head; elsewhere it is the one that stands when this middleware is left.
  if (outgoing === undefined) return lease.fulfill()
  whenHeadWritten(outgoing, headers => lease.fulfill(headers))
  whenFinished(outgoing, () => lease.decline('unseen'))
}
