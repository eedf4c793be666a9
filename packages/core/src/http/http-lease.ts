import { BodyTap } from './body.ts'
import type { HttpFlight } from './http-flight.ts'
import type { KeyedRequest } from './keyed-request.ts'
import type { Verdict } from './storable.ts'
import { byteLength } from './stored-response.ts'
import { combined } from './headers.ts'
import { tagMark } from './marks.ts'
import { tagsOf } from './own-fields.ts'
import type { Body, BodyStream, ErrorHead, HeaderLines, Lease, OriginResponse, TappedBody } from './types.ts'

const NO_HEADERS: HeaderLines = new Map()
const PLAIN_ERROR: ErrorHead = { status: 500, headers: NO_HEADERS }

/** What a lease asks of, and tells, the table that gave it out. Each lease tells exactly one of the last four, once. */
export interface LeaseOwner {
  judge(request: KeyedRequest, origin: OriginResponse, headers: HeaderLines, bodyBytes: number | undefined): Verdict
  report(request: KeyedRequest, error: unknown): void
  /** Whether what the flight yields may be stored. */
  isCurrent(flight: HttpFlight): boolean
  landed(lease: SettledLease, origin: OriginResponse, body: Uint8Array | string | null, lifetime: number): void
  declined(lease: SettledLease, reason: string): void
  failed(lease: SettledLease, error: unknown): void
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
  #origin: OriginResponse | undefined
  #body: Uint8Array | string | BodyTap | null = null
  #settled = false

  constructor(request: KeyedRequest, flight: HttpFlight, owner: LeaseOwner) {
    this.request = request
    this.flight = flight
    this.#owner = owner
  }

  tap(source: BodyStream): TappedBody {
    const tap = new BodyTap(source, this.request.policy.maxBodyBytes)
    this.#taps.push(tap)
    if (this.#settled || this.flight.isSolo) tap.drop()
    return tap
  }

  snapshot(origin: OriginResponse): TappedBody | undefined {
    if (this.#settled) return undefined
    const verdict = this.#judge(origin, origin.headers)
    if (!verdict.shareable) {
      this.decline(verdict.reason)
      return undefined
    }
    this.#origin = origin
    try {
      return this.#take(origin.body)
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
    const verdict = this.#judge(origin, headers ?? origin.headers)
    if (!verdict.shareable) return this.decline(verdict.reason)
    // The handler may have failed because its client went; that is no answer for anybody else.
    if (origin.status >= 400 && this.request.view.isGone()) return this.abandon()
    this.#settle(this.#body)
    this.#land(origin, verdict.lifetime)
  }

  fail(error: unknown, { status, headers }: ErrorHead = PLAIN_ERROR): void {
    if (this.#settled) return
    const verdict = this.#judge({ status, headers, before: NO_HEADERS, body: null }, headers)
    if (!verdict.shareable) return this.decline(verdict.reason)
    if (this.request.view.isGone()) return this.abandon()
    this.#settle()
    this.#owner.failed(this, error)
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
    // Tags count whoever names them, and at whichever of the two moments.
    this.flight.bear(tagsOf(headers).map(tagMark))
    try {
      return this.#owner.judge(this.request, origin, headers, knownLength(origin))
    } catch (error) {
      this.#owner.report(this.request, error)
      return { shareable: false, reason: 'error' }
    }
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

  #land(origin: OriginResponse, lifetime: number): void {
    const body = this.#body
    if (!(body instanceof BodyTap)) return this.#landWhole(origin, body, lifetime)
    body.keep({
      isWanted: () => this.flight.hasFollowers || (lifetime > 0 && this.#owner.isCurrent(this.flight)),
      onEnd: end => {
        if (end.kind === 'whole') this.#landWhole(origin, end.bytes, lifetime)
        else if (end.kind === 'overflow') this.#owner.declined(this, 'size')
        else if (end.kind === 'broken' && !this.request.view.isGone()) this.#owner.failed(this, end.error)
        else this.#owner.abandoned(this)
      },
    })
  }

  /** RFC 9112 s8: a body that is shorter or longer than its head said is not the whole of it. */
  #landWhole(origin: OriginResponse, body: Uint8Array | string | null, lifetime: number): void {
    const declared = declaredLength(origin)
    const isComplete = body === null || declared === undefined || declared === byteLength(body)
    if (!isComplete) return this.#owner.declined(this, 'length')
    try {
      this.#owner.landed(this, origin, body, lifetime)
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

function knownLength(origin: OriginResponse): number | undefined {
  return origin.body !== null && isWhole(origin.body) ? byteLength(origin.body) : declaredLength(origin)
}

function declaredLength(origin: OriginResponse): number | undefined {
  const length = combined(origin.headers, 'content-length')
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
}
