import { type HttpOptions, HttpStampede, type HttpStats, type Lease } from '@stampede/core/http'
import type { Context, Middleware, Next } from 'koa'
import { requestView } from './request.ts'
import {
  answered,
  applyHeaders,
  beforeRespond,
  headersOf,
  isHijacked,
  replay,
  sendTapped,
  tapStreams,
  wroteNothing,
} from './response.ts'

/** Koa middleware, with what the app may ask of it. */
export interface KoaStampede extends Middleware {
  /** Counts since the start, and what is held now. */
  readonly stats: () => HttpStats
  /** Drops all that is stored, and fences what is in flight. */
  readonly clear: () => void
}

/**
 * Middleware that runs what stands behind it once for a request, however many ask for the same at that moment, and
 * gives everyone the answer. Put it behind the app's authentication: a hit runs nothing that stands behind it.
 *
 * @throws {OptionError} for a wrong option, naming it
 */
export function stampede(options?: HttpOptions): KoaStampede {
  const core = new HttpStampede(options)
  const middleware = async (ctx: Context, next: Next): Promise<void> => {
    const turn = await core.open(requestView(ctx))
    if (turn.kind === 'replay') return replay(ctx, turn.response, turn.outcome)
    if (turn.kind === 'lead') await lead(ctx, next, turn.lease)
    else await next()
    applyHeaders(ctx, turn.outcome.headers)
  }
  return Object.assign(middleware, { stats: () => core.stats(), clear: () => core.clear() })
}

async function lead(ctx: Context, next: Next, lease: Lease): Promise<void> {
  const before = headersOf(ctx)
  const taps = tapStreams(ctx, lease)
  // The last resort: an answer that ended without passing here, such as an error of the middleware in front.
  ctx.res.once('close', () => {
    if (ctx.res.writableFinished) lease.decline('unseen')
  })
  try {
    await next()
  } catch (error) {
    lease.fail(error, statusOf(error))
    throw error
  } finally {
    taps.stop()
  }
  if (isHijacked(ctx)) return lease.decline('hijacked')
  if (wroteNothing(ctx)) return lease.decline('nothing')
  const answer = answered(ctx, taps)
  if (answer === undefined) return lease.decline('stream')
  const tapped = lease.snapshot({ ...answer, before })
  if (tapped !== undefined) sendTapped(ctx, tapped)
  beforeRespond(ctx, () => {
    if (isHijacked(ctx)) lease.decline('hijacked')
    else lease.fulfill(headersOf(ctx))
  })
}

/** The status that Koa answers an error with. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 500
  const { status, statusCode, code } = error as Record<string, unknown>
  if (code === 'ENOENT') return 404
  const stated = status ?? statusCode
  return typeof stated === 'number' && Number.isInteger(stated) ? stated : 500
}
