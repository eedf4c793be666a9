import {
  type ErrorHead,
  headerLines,
  type HttpControls,
  type HttpOptions,
  type HttpPolicy,
  HttpStampede,
  type Lease,
  type Outcome,
  outcomeOfError,
  ownScope,
  type ReplayDecision,
  ResponseHandle,
  restoring,
  showHeaders,
  sendHead,
  type Decision,
  whenClosed,
  whenFinished,
  whenAnswered,
  whenHeadWritten,
} from '@stampede/core/http'
import type { Context, Middleware, Next } from 'koa'
import { refreshes } from './refresh.ts'
import { mayHide, requestView } from './request.ts'
import {
  answerOf,
  applyHeaders,
  beforeRespond,
  headersOf,
  isHijacked,
  put,
  replay,
  sendTapped,
  tapStreams,
  wroteNothing,
} from './response.ts'

/** Koa middleware, with the functions of Stampede for the app. */
export interface KoaStampede extends Middleware, HttpControls {}

/**
 * Middleware that runs the rest of the chain once for all concurrent requests with the same key, and sends the answer
 * to all of them. Put it after authentication: a hit runs nothing of the rest.
 *
 * @throws {OptionError} that names a wrong option
 */
export function stampede(options?: HttpOptions): KoaStampede {
  const core = new HttpStampede(options)
  const refreshOf = refreshes()
  // Made on first use, because it emits an event in a fleet.
  let apart: HttpPolicy | undefined
  const middleware = (ctx: Context, next: Next): Promise<void> => {
    if (!core.enter(ctx)) return next()
    const view = requestView(ctx, refreshOf(ctx.app))
    const policy = mayHide(ctx, view) ? (apart ??= core.policy(undefined, '', ownScope())) : undefined
    const decision = core.open(view, policy, () => handleOf(ctx))
    if (!(decision instanceof Promise)) return take(ctx, next, decision)
    return decision.then(
      taken => take(ctx, next, taken),
      (error: unknown) => thrown(ctx, error, outcomeOfError(error)),
    )
  }
  return Object.assign(middleware, core.controls)
}

/** Not an async function: a hit and a bypass take one promise each. */
function take(ctx: Context, next: Next, decision: Decision): Promise<void> {
  // Control headers are never sent, whatever the decision.
  whenAnswered(ctx.res, decision.kind === 'bypass' ? decision.answered : undefined)
  if (decision.kind === 'replay') {
    replay(ctx, decision.response, decision.outcome)
    return Promise.resolve()
  }
  handleOf(ctx)
  const { outcome } = decision
  const onThrown = (error: unknown): never => thrown(ctx, error, outcome)
  if (decision.kind === 'bypass') return next().then(() => applyHeaders(ctx, outcome.headers), onThrown)
  return lead(ctx, next, decision.lease).then(sent => applyHeaders(ctx, (sent ?? decision).outcome.headers), onThrown)
}

/** Koa, or an error handler in front, answers the error: the outcome is added as the head is written. */
function thrown(ctx: Context, error: unknown, outcome: Outcome | undefined): never {
  if (outcome !== undefined) sendHead(ctx.res, outcome.headers)
  throw error
}

declare module 'koa' {
  interface DefaultContext {
    /** Settings of the handler for its own answer. Present in everything after Stampede. */
    stampede: ResponseHandle
  }
}

/** One handle per request, through however many instances it goes. */
function handleOf(ctx: Context): ResponseHandle {
  const present: unknown = ctx.stampede
  if (present instanceof ResponseHandle) return present
  const handle = new ResponseHandle()
  ctx.stampede = handle
  return handle
}

/** Runs the rest of the chain, and settles the lease. Returns what was sent in place of its answer. */
async function lead(ctx: Context, next: Next, lease: Lease): Promise<ReplayDecision | undefined> {
  const before = headersOf(ctx)
  const taps = tapStreams(ctx, lease)
  const restore = showHeaders(ctx.req, lease.handlerHeaders)
  // The last resort: an answer that ended elsewhere, such as an error of middleware in front.
  whenFinished(ctx.res, () => lease.decline('unseen'))
  try {
    await next().finally(() => {
      taps.stop()
      restore()
    })
  } catch (error) {
    const sent = lease.fail(error, errorHead(error))
    if (sent === undefined) throw error
    // The app must receive the error all the same.
    ctx.app.emit('error', error, ctx)
    applyHeaders(ctx, restoring(headersOf(ctx), before))
    put(ctx, sent.response)
    return sent
  }
  if (isHijacked(ctx)) return declined(lease, 'hijacked')
  if (wroteNothing(ctx)) return declined(lease, 'nothing')
  const answer = answerOf(ctx, taps)
  if (answer === undefined) return declined(lease, 'stream')
  const sent = lease.snapshot({ before, ...answer })
  beforeRespond(ctx, () => {
    if (isHijacked(ctx)) return lease.decline('hijacked')
    whenHeadWritten(ctx.res, headers => lease.fulfill(headers))
    // A disconnected client gets no head, even while the first byte of a stream is awaited.
    if (ctx.writable) whenClosed(ctx.res, () => lease.fulfill(headersOf(ctx)))
    else lease.fulfill(headersOf(ctx))
  })
  if (sent === undefined) return undefined
  if ('kind' in sent) {
    put(ctx, sent.response)
    return sent
  }
  sendTapped(ctx, sent)
  return undefined
}

function declined(lease: Lease, reason: string): undefined {
  lease.decline(reason)
}

/** The head with which Koa answers an error: only the error's own headers remain. */
function errorHead(error: unknown): ErrorHead {
  if (typeof error !== 'object' || error === null) return { status: 500, headers: new Map() }
  const { status, statusCode, code, headers } = error as Record<string, unknown>
  const stated = code === 'ENOENT' ? 404 : (status ?? statusCode)
  return {
    status: typeof stated === 'number' && Number.isInteger(stated) ? stated : 500,
    headers: typeof headers === 'object' && headers !== null ? headerLines(Object.entries(headers)) : new Map(),
  }
}
