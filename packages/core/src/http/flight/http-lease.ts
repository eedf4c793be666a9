import { NO_HEADERS } from '../rfc/headers.ts'
import { isNotModified, validatorsOf } from '../rfc/conditional.ts'
import { cancel, inPlaceOf304, notModified, onReply } from './substitute-response.ts'
import { restoring } from '../response/snapshot.ts'
import type { HttpFlight } from './http-flight.ts'
import { isNotFoundRefresh } from './refresh.ts'
import type { KeyedRequest } from '../request/keyed-request.ts'
import type { Freshness } from '../rfc/freshness.ts'
import { freshened, isOfStored, shownConditions } from '../response/revalidation.ts'
import type { HandlerHeaders } from '../contract/contract.ts'
import { withNormalisedLists } from '../request/negotiation-lists.ts'
import type { Verdict } from '../rfc/storable.ts'
import { type ResolvedBody, type LeaseOwner, PLAIN_ERROR, type SettledLease } from './lease-owner.ts'
import { SharedBody } from '../body/shared-body.ts'
import { streamOf, Taps } from './taps.ts'
import { whenWhole } from '../body/whole-body.ts'
import { declaredLength, isComplete, isWhole, knownLength } from '../rfc/body-length.ts'
import { userTag } from '../response/response-tags.ts'
import { tagsInHeaders, withControlHeaders } from '../options/control-headers.ts'
import type {
  Body,
  BodyStream,
  ErrorHead,
  HeaderLines,
  Lease,
  OriginResponse,
  ReplayedHeader,
  ReplayDecision,
  TappedBody,
  WholeResponse,
} from '../contract/contract.ts'

/** The leader's right to fill a key. It settles once, whatever is called and however often. */
export class HttpLease implements Lease, SettledLease {
  readonly request: KeyedRequest
  readonly flight: HttpFlight
  readonly #owner: LeaseOwner
  readonly #taps: Taps
  readonly handlerHeaders: HandlerHeaders
  #origin: OriginResponse | undefined
  #body: ResolvedBody = null
  #settled = false
  /** Settled, except that a response for revalidation may be stored once the head is final. */
  #isForValidation = false

  constructor(request: KeyedRequest, flight: HttpFlight, owner: LeaseOwner) {
    this.request = request
    this.flight = flight
    this.#owner = owner
    this.#taps = new Taps(request.policy.maxBodyBytes, owner.memory)
    const isHidden = flight.conditions === '' && request.conditions !== ''
    this.handlerHeaders = withNormalisedLists(shownConditions(flight.replaces, isHidden), request.view)
  }

  tap(source: BodyStream): TappedBody {
    const tap = this.#taps.tap(source)
    if (this.#settled || this.flight.isSolo) tap.drop()
    return tap
  }

  snapshot(origin: OriginResponse): ReplayDecision | TappedBody | undefined {
    if (this.#settled) return undefined
    try {
      if (this.#isAstray(origin.status)) return undefined
      const fallback = this.#fallBack(origin.status, () => restoring(origin.headers, origin.before))
      if (fallback !== undefined) {
        cancel(origin.body)
        return fallback
      }
      const whole = freshened(origin, this.flight.replaces)
      return whole === undefined ? this.#takeOwn(origin) : this.#takeFreshened(origin, whole)
    } catch (error) {
      this.#owner.report(this.request, error)
      this.decline('error')
      return undefined
    }
  }

  fulfill(headers?: HeaderLines): void {
    const origin = this.#origin
    if (this.#settled && !this.#isForValidation) return
    if (origin === undefined) return this.decline('unseen')
    const verdict = this.#judge(
      origin,
      headers === undefined ? origin.headers : withControlHeaders(headers, origin.headers),
    )
    if (this.#isForValidation) return this.#keepForValidation(origin, verdict)
    if (!verdict.shareable) return this.decline(verdict.reason)
    // The handler may have failed because its client disconnected, which is no answer for others.
    if (origin.status >= 400 && this.request.view.isGone()) return this.abandon()
    this.#settle(this.#body)
    this.#resolve(origin, verdict)
  }

  fail(error: unknown, { status, headers }: ErrorHead = PLAIN_ERROR): ReplayDecision | undefined {
    if (this.#settled || this.#isAstray(status)) return undefined
    const fallback = this.#fallBack(status, () => [], error)
    if (fallback !== undefined) return fallback
    const verdict = this.#judge({ status, headers, before: NO_HEADERS, body: null }, headers)
    if (!verdict.shareable) this.decline(verdict.reason)
    else if (this.request.view.isGone()) this.abandon()
    else {
      this.#settle()
      this.#owner.failed(this, error, { status, headers, freshness: verdict })
    }
    return undefined
  }

  decline(reason: string): void {
    if (this.#settled) return
    this.#settle()
    this.#owner.declined(this, reason)
  }

  abandon(): void {
    if (this.#settled) return
    this.#settle()
    this.#owner.abandoned(this)
  }

  /** Followers have stopped waiting: if no others can join, the body is the leader's alone. */
  dropIfUnwanted(): void {
    if (this.flight.isCurrent || this.flight.hasFollowers) return
    this.#taps.dropAll()
  }

  /** RFC 9111 s5.2.2.4: stored, and served only after the handler has validated it for that request. */
  #keepForValidation(origin: OriginResponse, verdict: Verdict): void {
    this.#isForValidation = false
    const isStill = !verdict.shareable && verdict.reason === 'validate'
    const body = this.#body
    const keep = (whole: Uint8Array | string | null): void =>
      this.#owner.keepForValidation(this, { ...origin, body: whole })
    const declared = declaredLength(origin.headers)
    if (!(body instanceof SharedBody)) return isStill && isComplete(body, declared) ? keep(body) : undefined
    if (isStill) whenWhole(body, declared, keep)
    else body.drop()
  }

  /** An error in an option's function breaks no answer: the answer is just not shared. */
  #judge(origin: OriginResponse, headers: HeaderLines): Verdict {
    // Tags count at both moments, whoever sets them.
    this.flight.addTags(tagsInHeaders(headers).map(userTag))
    try {
      return this.#owner.judge(this, origin, headers, knownLength(origin))
    } catch (error) {
      this.#owner.report(this.request, error)
      return { shareable: false, reason: 'error' }
    }
  }

  /** A refresh that ends with not found settles the lease, whatever else its answer says. */
  #isAstray(status: number): boolean {
    if (!isNotFoundRefresh(this.request.view, status, this.flight.replaces)) return false
    this.#settle()
    this.#owner.notFound(this)
    return true
  }

  /** The stale response for all requests, if the handler failed and it may still be served. */
  #fallBack(status: number, restore: () => readonly ReplayedHeader[], error?: unknown): ReplayDecision | undefined {
    const decision = this.#owner.fallback(this, status)
    if (decision === undefined) return undefined
    this.#settle()
    this.#owner.fellBack(this, error, status)
    return onReply(decision, restore())
  }

  #takeOwn(origin: OriginResponse): ReplayDecision | TappedBody | undefined {
    this.#origin = origin
    const verdict = this.#judge(origin, origin.headers)
    if (!verdict.shareable) {
      this.#refuse(verdict.reason, origin.body)
      return this.#isForValidation ? this.#take(origin.body) : undefined
    }
    // A solo flight has no followers to collect a body for.
    const tapped = this.flight.isSolo ? undefined : this.#take(origin.body)
    // The handler did not see the leader's conditions, and sent the complete answer (RFC 9110 s13.2.2).
    const isOwn = this.handlerHeaders.has('if-none-match') && origin.status === 200
    if (!isOwn || !isNotModified(this.request.view, validatorsOf(origin.headers))) return tapped
    if (tapped === undefined) cancel(origin.body)
    else void tapped[Symbol.asyncIterator]().return?.()
    return notModified(this, origin)
  }

  /** The handler confirmed the stored response: the leader and all followers get it. */
  #takeFreshened(origin: OriginResponse, whole: WholeResponse): ReplayDecision {
    cancel(origin.body)
    const { body } = whole
    this.#origin = whole
    this.#body = body
    const decision = this.#owner.replay(this, whole)
    const verdict = this.#judge(whole, whole.headers)
    if (!isOfStored(origin, this.flight.replaces)) this.decline('version')
    else if (!verdict.shareable) this.#refuse(verdict.reason)
    return inPlaceOf304(decision, origin, this.request.policy.omitHeaders)
  }

  /** A response that must be validated for each request is stored once the head is final. */
  #refuse(reason: string, body: Body = null): void {
    if (this.#settled) return
    this.#isForValidation = reason === 'validate'
    this.#settle(this.#isForValidation ? body : null)
    this.#owner.declined(this, reason)
  }

  #take(body: Body): TappedBody | undefined {
    if (isWhole(body) || body instanceof SharedBody) {
      this.#body = body
      return undefined
    }
    this.#body = this.#taps.tap(streamOf(body))
    return this.#body
  }

  /** A body may end before its head is final. */
  #resolve(origin: OriginResponse, freshness: Freshness): void {
    const body = this.#body
    if (!(body instanceof SharedBody)) return this.#resolveWhole(origin, body, freshness)
    const { end } = body
    if (end === undefined) this.#resolved(origin, body, freshness)
    else if (end.kind === 'whole') this.#resolveWhole(origin, body.takeWhole(), freshness)
    else if (end.kind === 'broken' && !this.request.view.isGone()) this.#owner.failed(this, end.error)
    else if (end.kind === 'overflow') this.#owner.declined(this, 'size')
    else this.#owner.abandoned(this)
  }

  #resolveWhole(origin: OriginResponse, body: Uint8Array | string | null, freshness: Freshness): void {
    if (isComplete(body, declaredLength(origin.headers))) this.#resolved(origin, body, freshness)
    else this.#owner.declined(this, 'length')
  }

  #resolved(origin: OriginResponse, body: ResolvedBody, freshness: Freshness): void {
    try {
      this.#owner.resolved(this, origin, body, freshness)
    } catch (error) {
      this.#owner.report(this.request, error)
      if (body instanceof SharedBody) body.drop()
      this.#owner.declined(this, 'error')
    }
  }

  #settle(kept: Body = null): void {
    this.#settled = true
    this.#taps.dropAll(kept)
  }
}
