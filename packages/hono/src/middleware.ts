import {
  type Answered,
  type HeaderLines,
  headerLines,
  type HttpControls,
  type HttpOptions,
  HttpStampede,
  type Lease,
  type Outcome,
  type ReplayDecision,
  ResponseHandle,
  sendHead,
  type Decision,
  whenFinished,
  whenAnswered,
  whenHeadWritten,
  type WritableReply,
} from '@stampede/core/http'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { FinalHead } from './final-head.ts'
import { baseOf, policies } from './base.ts'
import { keepAlive } from './keep-alive.ts'
import { type Refresh, refreshOf } from './refresh.ts'
import { HonoView, outgoingOf } from './request.ts'
import {
  answerOf,
  applyHeaders,
  dropOwnFields,
  headersSoFar,
  isHijacked,
  replay,
  sendInstead,
  sendTapped,
  showHeaders,
} from './response.ts'
import { inThisContext, nodeParts } from './runtime.ts'

/** Options of the middleware: those of every adapter, and Hono's own. */
export interface StampedeOptions extends HttpOptions {
  /**
   * The app, or a function that sends a request of Stampede's own through it, for refreshes in the background.
   * Default: none; a request that finds a response stale runs the handler itself, while all others get the stale
   * response.
   */
  readonly refresh?: Refresh | { readonly fetch: Refresh } | undefined
  /**
   * The prefix that `mount()` strips from the URLs of the app with the middleware, counted from the outermost app,
   * such as `/v1`; `/` for none. Default: unknown. If a request does not show the prefix either, as below `mount()`
   * and on other runtimes than Node, each place of the middleware has its own keys, and uses no shared store.
   */
  readonly base?: string | undefined
}

/** Hono middleware, with the functions of Stampede for the app. */
export interface HonoStampede extends MiddlewareHandler, HttpControls {}

/**
 * Middleware that runs the rest of the chain once for all concurrent requests with the same key, and sends the answer
 * to all of them. Put it after authentication: a hit runs nothing of the rest.
 *
 * @throws {OptionError} that names a wrong option
 */
export function stampede(options?: StampedeOptions): HonoStampede {
  const given = refreshOf(options?.refresh)
  // The asynchronous context of a visitor's request must not affect a request for all.
  const refresh = given && inThisContext(given)
  const surroundings = { refresh, base: baseOf(options?.base) }
  const core = new HttpStampede(withoutOwn(options))
  const policyOf = policies(core, surroundings.base)
  const led = new WeakSet()
  const go: typeof take = (c, next, decision, view) => {
    if (decision.kind !== 'lead') return take(c, next, decision, view)
    const { message } = view
    led.add(message)
    return take(c, next, decision, view).finally(() => led.delete(message))
  }
  const middleware = (c: Context, next: Next): Promise<Response | void> => {
    if (!core.enter(c)) return next()
    const view = new HonoView(c, surroundings)
    // It enters again, unchanged, in a context of another app.
    if (!view.isShown && view.isWhole && led.has(view.message)) return next()
    const decision = core.open(view, policyOf(view), () => handleOf(c))
    return decision instanceof Promise ? decision.then(taken => go(c, next, taken, view)) : go(c, next, decision, view)
  }
  return Object.assign(middleware, core.controls)
}

/** Not an async function: a hit and a bypass take no promise of their own. */
function take(c: Context, next: Next, decision: Decision, view: HonoView): Promise<Response | void> {
  if (decision.kind === 'replay') {
    watchHead(view)
    return Promise.resolve(replay(c, decision.response, decision.outcome))
  }
  handleOf(c)
  if (decision.kind === 'bypass') return bypass(c, next, decision, view)
  watchHead(view)
  return lead(c, next, decision.lease).then(({ sent, head }) => {
    tell(c, (sent ?? decision).outcome)
    head?.watch()
  })
}

/** Control headers are never sent, whatever the decision. */
function watchHead({ node }: HonoView): void {
  if (node !== undefined) whenHeadWritten(node.outgoing)
}

/** Sets the headers of the outcome. */
function tell(c: Context, { headers }: Outcome): void {
  if (!c.finalized || isHijacked(c)) return
  if (nodeParts(c) === undefined) dropOwnFields(c)
  applyHeaders(c, headers)
}

declare module 'hono' {
  interface ContextVariableMap {
    /** Settings of the handler for its own answer. Present in everything after Stampede. */
    stampede: ResponseHandle
  }
}

/** One handle per request, through however many instances it goes. */
function handleOf(c: Context): ResponseHandle {
  const present: unknown = c.get('stampede')
  if (present instanceof ResponseHandle) return present
  const handle = new ResponseHandle()
  c.set('stampede', handle)
  return handle
}

function bypass(c: Context, next: Next, decision: Decision & { kind: 'bypass' }, view: HonoView): Promise<void> {
  const { answered, outcome } = decision
  const reply = answered === undefined ? view.ownReply : undefined
  // Adding to the Response itself would convert it.
  if (reply !== undefined && sendHead(reply, outcome.headers)) return next()
  watchHead(view)
  return forward(c, next, answered).then(() => tell(c, outcome))
}

async function forward(c: Context, next: Next, answered: Answered | undefined): Promise<void> {
  if (answered === undefined) return next()
  const outgoing = outgoingOf(c)
  // Only Node shows the final head; elsewhere it is the head when this middleware ends.
  if (outgoing !== undefined) whenAnswered(outgoing, answered)
  await next()
  if (outgoing === undefined && c.finalized) answered(headerLines(c.res.headers), c.res.status)
}

interface Led {
  /** What was sent in place of the handler's answer. */
  readonly sent?: ReplayDecision | undefined
  /** The final head that is still awaited where no server of Node's kind shows it. */
  readonly head?: FinalHead | undefined
}

/** Runs the rest of the chain, and settles the lease. */
async function lead(c: Context, next: Next, lease: Lease): Promise<Led> {
  const before = headersSoFar(c)
  const release = keepAlive(c)
  const restore = showHeaders(c, lease.handlerHeaders)
  try {
    await next().finally(restore)
    return settle(c, lease, before, release)
  } catch (error) {
    release()
    // Hono reads the current answer when it sets that of its error handler, and it may be unreadable.
    c.res = undefined
    return failed(c, lease, error)
  }
}

/**
 * Throws for an answer that cannot be sent, such as a 204 with a text: on Node that is noticed only when it is read.
 */
function settle(c: Context, lease: Lease, before: HeaderLines, release: () => void): Led {
  if (!c.finalized || isHijacked(c)) {
    release()
    lease.decline(c.finalized ? 'hijacked' : 'nothing')
    return {}
  }
  const outgoing = outgoingOf(c)
  const answer = answerOf(c, release)
  // Before the body is read.
  const head = outgoing === undefined ? new FinalHead(c, lease) : undefined
  const sent = lease.snapshot({ before, ...answer })
  if (outgoing !== undefined) fulfillLater(outgoing, lease)
  return { sent: send(c, sent, head, release), head }
}

/** Hono rethrows anything but an Error. */
function failed(c: Context, lease: Lease, error: unknown): Led {
  const sent = lease.fail(error)
  if (sent === undefined) throw error
  c.res = c.newResponse(null)
  sendInstead(c, sent.response)
  return { sent }
}

/** Sends the leader's answer; `release` is called if no body is read to its end. */
function send(
  c: Context,
  answer: ReturnType<Lease['snapshot']>,
  head: FinalHead | undefined,
  release: () => void,
): ReplayDecision | undefined {
  if (answer !== undefined && !('kind' in answer)) {
    sendTapped(c, answer, head)
    return undefined
  }
  if (answer !== undefined) sendInstead(c, answer.response)
  if (head === undefined) release()
  else head.whenFulfilled(release)
  return answer
}

function fulfillLater(outgoing: WritableReply, lease: Lease): void {
  whenHeadWritten(outgoing, headers => lease.fulfill(headers))
  whenFinished(outgoing, () => lease.decline('unseen'))
}

/** The core refuses anything but an object. */
function withoutOwn(options: StampedeOptions | undefined): HttpOptions | undefined {
  if (typeof options !== 'object' || options === null) return options
  const { refresh: _refresh, base: _base, ...others } = options
  return others
}
