import { BodyTap } from './body.ts'
import { isNotModified, validatorsOf } from './conditional.ts'
import { cancel, notModified, onReply } from './instead.ts'
import { restoring } from './snapshot.ts'
import type { HttpFlight } from './http-flight.ts'
import type { KeyedRequest } from './keyed-request.ts'
import { type Freshness, isStored } from './freshness.ts'
import { combined } from './headers.ts'
import { freshened, type ShownHeaders, shownConditions } from './revalidation.ts'
import type { Verdict } from './storable.ts'
import { byteLength } from './stored-response.ts'
import { TARGETED } from './targeted.ts'
import type {
  Body,
  BodyStream,
  ErrorHead,
  HeaderLines,
  Lease,
  OriginResponse,
  ReplayedHeader,
  ReplayTurn,
  TappedBody,
  WholeResponse,
} from './types.ts'

const NO_HEADERS: HeaderLines = new Map()
const PLAIN_ERROR: ErrorHead = { status: 500, headers: NO_HEADERS }

/** What a lease asks of, and tells, the table that gave it out. Each lease tells exactly one of the last four, once. */
export interface LeaseOwner {
  judge(lease: SettledLease, origin: OriginResponse, headers: HeaderLines, bodyBytes: number | undefined): Verdict
  report(request: KeyedRequest, error: unknown): void
  /** What the leader gets of an answer that is not the handler's own. */
  replay(lease: SettledLease, origin: WholeResponse): ReplayTurn
  /** What is there in the place of an answer with this status, if that is a failure. */
  fallback(lease: SettledLease, status: number): ReplayTurn | undefined
  landed(lease: SettledLease, origin: OriginResponse, body: Uint8Array | string | null, freshness: Freshness): void
  declined(lease: SettledLease, reason: string): void
  fellBack(lease: SettledLease, error: unknown): void
  /** @param headers what the error's own answer says, where that is known */
  failed(lease: SettledLease, error: unknown, headers?: HeaderLines): void
  abandoned(lease: SettledLease): void
}

/** Whose lease it was. */
export interface SettledLease {
  readonly request: KeyedRequest
  readonly flight: HttpFlight
}

/** The leader's right to fill a key. Whatever is called, and however often, it settles once. */
export class HttpLease implements Lease, SettledLease {
  readonly request: KeyedRequest
  readonly flight: HttpFlight
  readonly #owner: LeaseOwner
  readonly #taps: BodyTap[] = []
  readonly shown: ShownHeaders
  #origin: OriginResponse | undefined
  #body: Uint8Array | string | BodyTap | null = null
  #settled = false

  constructor(request: KeyedRequest, flight: HttpFlight, owner: LeaseOwner) {
    this.request = request
    this.flight = flight
    this.#owner = owner
    this.shown = shownConditions(flight.replaces, flight.conditions === '' && request.conditions !== '')
  }

  tap(source: BodyStream): TappedBody {
    const tap = new BodyTap(source, this.request.policy.maxBodyBytes)
    this.#taps.push(tap)
    if (this.#settled || this.flight.isSolo) tap.drop()
    return tap
  }

  snapshot(origin: OriginResponse): ReplayTurn | TappedBody | undefined {
    if (this.#settled) return undefined
    try {
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
    if (this.#settled) return
    const origin = this.#origin
    if (origin === undefined) return this.decline('unseen')
    const verdict = this.#judge(origin, headers === undefined ? origin.headers : withTargeted(headers, origin.headers))
    if (!verdict.shareable) return this.decline(verdict.reason)
    // The handler may have failed because its client went; that is no answer for anybody else.
    if (origin.status >= 400 && this.request.view.isGone()) return this.abandon()
    this.#settle(this.#body)
    this.#land(origin, verdict)
  }

  fail(error: unknown, { status, headers }: ErrorHead = PLAIN_ERROR): ReplayTurn | undefined {
    if (this.#settled) return undefined
    const fallback = this.#fallBack(status, () => [], error)
    if (fallback !== undefined) return fallback
    const verdict = this.#judge({ status, headers, before: NO_HEADERS, body: null }, headers)
    if (!verdict.shareable) this.decline(verdict.reason)
    else if (this.request.view.isGone()) this.abandon()
    else {
      this.#settle()
      this.#owner.failed(this, error, headers)
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

  /** Others have stopped waiting: a body that nobody reads any more is cancelled. */
  cancelIfUnwanted(): void {
    for (const tap of this.#taps) tap.cancelIfUnwanted()
  }

  /** Trouble in an option's function must not break the answer that the leader has: nothing is shared of it. */
  #judge(origin: OriginResponse, headers: HeaderLines): Verdict {
    try {
      return this.#owner.judge(this, origin, headers, knownLength(origin))
    } catch (error) {
      this.#owner.report(this.request, error)
      return { shareable: false, reason: 'error' }
    }
  }

  /** What is stored, for all, where the handler failed and it may still be given. */
  #fallBack(status: number, restore: () => readonly ReplayedHeader[], error?: unknown): ReplayTurn | undefined {
    const turn = this.#owner.fallback(this, status)
    if (turn === undefined) return undefined
    this.#settle()
    this.#owner.fellBack(this, error)
    return onReply(turn, restore())
  }

  #takeOwn(origin: OriginResponse): ReplayTurn | TappedBody | undefined {
    const verdict = this.#judge(origin, origin.headers)
    if (!verdict.shareable) {
      this.decline(verdict.reason)
      return undefined
    }
    this.#origin = origin
    const tapped = this.#take(origin.body)
    // Its own conditions were kept from the handler, which gave all of it (RFC 9110 s13.2.2).
    const isOwn = this.shown.size > 0 && origin.status === 200
    if (!isOwn || !isNotModified(this.request.view, validatorsOf(origin.headers))) return tapped
    if (tapped === undefined) cancel(origin.body)
    else void tapped[Symbol.asyncIterator]().return?.()
    return notModified(this, origin)
  }

  /** The handler says that what is stored still holds: the leader gets that, and so does everybody. */
  #takeFreshened(origin: OriginResponse, whole: WholeResponse): ReplayTurn {
    cancel(origin.body)
    const { body } = whole
    this.#origin = whole
    this.#body = body
    const turn = this.#owner.replay(this, whole)
    const verdict = this.#judge(whole, whole.headers)
    if (!verdict.shareable) this.decline(verdict.reason)
    return onReply(turn, restoring(origin.headers, origin.before))
  }

  #take(body: Body): TappedBody | undefined {
    // A solo flight has nobody to collect a body for.
    if (this.flight.isSolo) return undefined
    if (isWhole(body) || body instanceof BodyTap) {
      this.#body = body
      return undefined
    }
    if (!('chunks' in body))
      throw new TypeError('stampede: a body is bytes, a stream with chunks and cancel, or what tap() returned')
    const tap = new BodyTap(body, this.request.policy.maxBodyBytes)
    this.#taps.push(tap)
    this.#body = tap
    return tap
  }

  #land(origin: OriginResponse, freshness: Freshness): void {
    const body = this.#body
    if (!(body instanceof BodyTap)) return this.#landWhole(origin, body, freshness)
    body.keep({
      isWanted: () => this.flight.hasFollowers || (isStored(freshness) && this.flight.isCurrent),
      onEnd: end => {
        if (end.kind === 'whole') this.#landWhole(origin, end.bytes, freshness)
        else if (end.kind === 'overflow') this.#owner.declined(this, 'size')
        else if (end.kind === 'broken' && !this.request.view.isGone()) this.#owner.failed(this, end.error)
        else this.#owner.abandoned(this)
      },
    })
  }

  /** RFC 9112 s8: a body that is shorter or longer than its head said is not the whole of it. */
  #landWhole(origin: OriginResponse, body: Uint8Array | string | null, freshness: Freshness): void {
    const declared = declaredLength(origin)
    const isComplete = body === null || declared === undefined || declared === byteLength(body)
    if (!isComplete) return this.#owner.declined(this, 'length')
    try {
      this.#owner.landed(this, origin, body, freshness)
    } catch (error) {
      this.#owner.report(this.request, error)
      this.#owner.declined(this, 'error')
    }
  }

  #settle(kept: Body = null): void {
    this.#settled = true
    for (const tap of this.#taps) if (tap !== kept) tap.drop()
  }
}

function isWhole(body: Body): body is Uint8Array | string | null {
  return body === null || typeof body === 'string' || body instanceof Uint8Array
}

/** Targeted fields are taken off a reply before its head is final; they count all the same. */
function withTargeted(headers: HeaderLines, taken: HeaderLines): HeaderLines {
  const targeted = [...taken].filter(([name]) => TARGETED.includes(name))
  return targeted.length === 0 ? headers : new Map([...headers, ...targeted])
}

function knownLength(origin: OriginResponse): number | undefined {
  return origin.body !== null && isWhole(origin.body) ? byteLength(origin.body) : declaredLength(origin)
}

function declaredLength(origin: OriginResponse): number | undefined {
  const length = combined(origin.headers, 'content-length')
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
}
