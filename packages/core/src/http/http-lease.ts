import type { HttpFlight } from './http-flight.ts'
import type { KeyedRequest } from './keyed-request.ts'
import type { Verdict } from './storable.ts'
import { byteLength, declaredLength } from './stored-response.ts'
import { type BodyMemory, SharedBody } from './shared-body.ts'
import type { Body, BodyStream, ErrorHead, HeaderLines, Lease, OriginResponse, TappedBody } from './types.ts'

const NO_HEADERS: HeaderLines = new Map()
const PLAIN_ERROR: ErrorHead = { status: 500, headers: NO_HEADERS }

/** What a lease asks of, and tells, the table that gave it out. Each lease tells exactly one of the last four, once. */
export interface LeaseOwner {
  readonly memory: BodyMemory
  judge(request: KeyedRequest, origin: OriginResponse, headers: HeaderLines, bodyBytes: number | undefined): Verdict
  report(request: KeyedRequest, error: unknown): void
  /** The body is whole, or on its way. */
  landed(lease: SettledLease, origin: OriginResponse, body: LandedBody, lifetime: number): void
  declined(lease: SettledLease, reason: string): void
  failed(lease: SettledLease, error: unknown): void
  abandoned(lease: SettledLease): void
}

export type LandedBody = Uint8Array | string | SharedBody | null

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
  readonly #taps: SharedBody[] = []
  #origin: OriginResponse | undefined
  #body: LandedBody = null
  #settled = false

  constructor(request: KeyedRequest, flight: HttpFlight, owner: LeaseOwner) {
    this.request = request
    this.flight = flight
    this.#owner = owner
  }

  tap(source: BodyStream): TappedBody {
    const tap = new SharedBody(source, this.request.policy.maxBodyBytes, this.#owner.memory)
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

  /** Others have stopped waiting: where nobody can come any more, a body is the leader's alone. */
  dropIfUnwanted(): void {
    if (this.flight.isCurrent || this.flight.hasFollowers) return
    for (const tap of this.#taps) tap.drop()
  }

  /** Trouble in an option's function must not break the answer that the leader has: nothing is shared of it. */
  #judge(origin: OriginResponse, headers: HeaderLines): Verdict {
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
    if (isWhole(body) || body instanceof SharedBody) {
      this.#body = body
      return undefined
    }
    if (!('chunks' in body))
      throw new TypeError('stampede: a body is bytes, a stream with chunks and cancel, or what tap() returned')
    const tap = this.tap(body)
    if (tap instanceof SharedBody) this.#body = tap
    return tap
  }

  /** A body may have come to its end before its head was final. */
  #land(origin: OriginResponse, lifetime: number): void {
    const body = this.#body
    if (!(body instanceof SharedBody)) return this.#landWhole(origin, body, lifetime)
    const { end } = body
    if (end === undefined) this.#landed(origin, body, lifetime)
    else if (end.kind === 'whole') this.#landWhole(origin, body.takeWhole(), lifetime)
    else if (end.kind === 'broken' && !this.request.view.isGone()) this.#owner.failed(this, end.error)
    else if (end.kind === 'overflow') this.#owner.declined(this, 'size')
    else this.#owner.abandoned(this)
  }

  /** RFC 9112 s8: a body that is shorter or longer than its head said is not the whole of it. */
  #landWhole(origin: OriginResponse, body: Uint8Array | string | null, lifetime: number): void {
    const declared = declaredLength(origin.headers)
    const isComplete = body === null || declared === undefined || declared === byteLength(body)
    if (isComplete) this.#landed(origin, body, lifetime)
    else this.#owner.declined(this, 'length')
  }

  #landed(origin: OriginResponse, body: LandedBody, lifetime: number): void {
    try {
      this.#owner.landed(this, origin, body, lifetime)
    } catch (error) {
      this.#owner.report(this.request, error)
      if (body instanceof SharedBody) body.drop()
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
  return origin.body !== null && isWhole(origin.body) ? byteLength(origin.body) : declaredLength(origin.headers)
}
