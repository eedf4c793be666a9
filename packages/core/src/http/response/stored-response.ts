import { backOffFor } from '../../base/back-off.ts'
import { StoreEntry } from '../../store/store-entry.ts'
import { HitOutcome } from './cache-status.ts'
import { isNotModified, notModifiedHeaders, type Validators, validatorsOf } from '../rfc/conditional.ts'
import { ageMs, type StaleWindows } from '../rfc/freshness.ts'
import { replacing } from '../rfc/headers.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import type { ReceivedResponse } from './received-response.ts'
import { controlHeaders } from '../options/control-headers.ts'
import { type Selection, selectionOf } from '../rfc/range.ts'
import { byteLength, declaredLength } from '../rfc/body-length.ts'
import { SharedBody } from '../body/shared-body.ts'
import { replayedLines } from './snapshot.ts'
import type { HeaderLines, Outcome, ReplayedHeader, ReplayedResponse, RequestView } from '../contract/contract.ts'

const encoder = new TextEncoder()

/** The size of an entry apart from its key, headers and body. */
const OVERHEAD_BYTES = 256
/** Strings count two bytes per character. */
const CHARACTER_BYTES = 2
/** How long after its windows a response with a validator is kept for revalidation. */
const VALIDATED_MS = 3_600_000
const NEVER_STALE: StaleWindows = { staleWhileRevalidate: 0, staleIfError: 0, mayBeStale: false }

/** The parts of a stored response. */
export interface MadeResponse extends ReceivedResponse {
  readonly key: string
  /** A streaming body is for requests that arrive in the meantime; it must not be stored. */
  readonly body: Uint8Array | string | SharedBody | null
  /** The tags by which it is invalidated. */
  readonly tags: readonly string[]
  /** How long it is fresh from `now`, milliseconds; 0 or less: stale on arrival, or only for the followers. */
  readonly lifetime: number
  /** Default: it is never served stale. */
  readonly stale?: StaleWindows
  /** The version of its record in the shared store, if it has one. */
  readonly version?: string | undefined
  /** The error that the handler threw, if that is what is stored. */
  readonly thrown?: { readonly error: unknown } | undefined
}

/** A response that may be shared. Its headers and metadata are immutable, and each replay has its own body. */
export class StoredResponse extends StoreEntry {
  readonly status: number
  readonly storedAt: number
  readonly freshUntil: number
  /** The end of the window in which it is served while it is refreshed. */
  readonly staleUntil: number
  /** The end of the window in which it is served in place of a failure. */
  readonly fallbackUntil: number
  readonly goneAt: number
  /** Whether a client that accepts stale answers may get it. */
  readonly mayBeStale: boolean
  readonly bytes: number
  readonly validators: Validators
  readonly tags: readonly string[]
  /** The version of its record in the shared store, if it has one. */
  readonly version: string | undefined
  /** The error that the handler threw: each request gets its own copy, which the framework turns into an answer. */
  readonly thrown: { readonly error: unknown } | undefined
  readonly #headers: readonly ReplayedHeader[]
  readonly #own: HeaderLines
  readonly #body: Uint8Array | string | SharedBody | null
  /** Unknown for a streaming body without a declared length. */
  readonly #byteLength: number | undefined
  readonly #ageBefore: number
  /** Refreshes that failed in a row. */
  #failures = 0
  #retryAt = 0
  #isRefreshedInFront = false
  readonly #hitOutcome = new HitOutcome()
  /** The headers, with the age of one second. */
  #aged: readonly ReplayedHeader[] = []
  #age = -1

  constructor(made: MadeResponse) {
    const { key, origin, headers, body, tags, now, wallNow, lifetime, stale = NEVER_STALE } = made
    super(key)
    this.status = origin.status
    this.storedAt = now
    this.freshUntil = now + lifetime
    this.staleUntil = this.freshUntil + stale.staleWhileRevalidate
    this.fallbackUntil = this.freshUntil + stale.staleIfError
    this.mayBeStale = stale.mayBeStale
    // Without a date of the handler, the time of receipt.
    this.validators = validatorsOf(replayedLines(headers, origin.headers))
    this.tags = tags
    this.version = made.version
    this.thrown = made.thrown
    this.#headers = headers
    this.#own = new Map([...origin.headers].filter(([name]) => controlHeaders.includes(name)))
    // A copy, not a view of the handler's buffer, which the handler may reuse.
    this.#body = body instanceof Uint8Array ? new Uint8Array(body) : body
    this.#byteLength = body instanceof SharedBody ? declaredLength(origin.headers) : byteLength(body)
    this.#ageBefore = ageMs(origin.headers, wallNow)
    this.goneAt = Math.max(
      this.staleUntil,
      this.fallbackUntil,
      this.freshUntil + (this.canBeValidated ? VALIDATED_MS : 0),
    )
    const characters = key.length + lengthOf(headers) + tags.join('').length
    this.bytes = OVERHEAD_BYTES + CHARACTER_BYTES * characters + (this.#byteLength ?? 0)
  }

  /** RFC 9111 s4.2.3 */
  ageAt(now: number): number {
    return now - this.storedAt + this.#ageBefore
  }

  /** Whether it has a validator. */
  get canBeValidated(): boolean {
    return this.status === 200 && (this.validators.etag !== undefined || this.validators.lastModified !== undefined)
  }

  /** No refresh is attempted before this moment. */
  get retryAt(): number {
    return this.#retryAt
  }

  /** Whether Stampede's own requests do not reach it, so that a request that finds it stale must lead. */
  get isRefreshedInFront(): boolean {
    return this.#isRefreshedInFront
  }

  /** A refresh failed: the next one waits, longer each time. */
  backOff(now: number): void {
    this.#retryAt = now + backOffFor(this.#failures)
    this.#failures += 1
  }

  /** A refresh is in progress, and no other is attempted before that moment. */
  holdOff(until: number): void {
    this.#retryAt = until
  }

  /** A request of Stampede's own did not return. */
  refreshInFront(): void {
    this.#isRefreshedInFront = true
    this.#retryAt = 0
  }

  /** The response for one request: a 304 if the request names this version (RFC 9111 s4.3.2), a 206 for a range. */
  replayFor(view: RequestView, now: number): ReplayedResponse {
    const headers = this.#headersAt(now)
    if (this.status === 200 && isNotModified(view, this.validators))
      return { status: 304, headers: notModifiedHeaders(headers), body: null, byteLength: 0 }
    if (this.#body instanceof SharedBody) return this.#replayArriving(view, headers, this.#body)
    const selection = this.status === 200 ? selectionOf(view, this.#byteLength ?? 0, this.validators) : 'whole'
    if (selection !== 'whole') return this.#part(headers, selection)
    return this.#whole(view, headers)
  }

  /** The same for a request without conditions and range. A stored body is complete. */
  replayWhole(view: RequestView, now: number): ReplayedResponse {
    return this.#whole(view, this.#headersAt(now))
  }

  #whole(view: RequestView, headers: readonly ReplayedHeader[]): ReplayedResponse {
    const { wholeBody } = this
    const body = wholeBody instanceof Uint8Array ? ownBytes(view, wholeBody) : wholeBody
    return { status: this.status, headers, body, byteLength: this.#byteLength }
  }

  /** The outcome of a request that gets this response while it is fresh. */
  hitAt(policy: HttpPolicy, now: number): Outcome {
    return this.#hitOutcome.at(policy, this.freshUntil - now)
  }

  /** Made once per second, and shared by all replays. */
  #headersAt(now: number): readonly ReplayedHeader[] {
    // RFC 9111 s5.1
    const age = Math.max(0, Math.floor(this.ageAt(now) / 1000))
    if (age !== this.#age) {
      this.#aged = Object.freeze([...this.#headers, replacing('age', String(age))])
      this.#age = age
    }
    return this.#aged
  }

  /** The answer as the handler gave it, on a reply with these headers before: the inverse of replaying. */
  linesOn(before: HeaderLines): HeaderLines {
    return new Map([...replayedLines(this.#headers, before), ...this.#own])
  }

  /** For a lease, which must not change it. A stored body is complete. */
  get wholeBody(): Uint8Array | string | null {
    return this.#body instanceof SharedBody ? null : this.#body
  }

  /** RFC 9110 s9.3.2: a HEAD gets the head of a GET, and no body that would have to be read. */
  #replayArriving(view: RequestView, headers: readonly ReplayedHeader[], body: SharedBody): ReplayedResponse {
    const head = { status: this.status, byteLength: this.#byteLength }
    if (view.method !== 'HEAD') return { ...head, headers, body: body.reader() }
    // With a body, the framework states the length.
    const length = head.byteLength === undefined ? [] : [replacing('content-length', String(head.byteLength))]
    return { ...head, headers: [...headers, ...length], body: null }
  }

  /** RFC 9110 s15.3.7, s15.5.17 */
  #part(headers: readonly ReplayedHeader[], selection: Exclude<Selection, 'whole'>): ReplayedResponse {
    if (selection === 'none') {
      const unsatisfied = replacing('content-range', `bytes */${this.#byteLength}`)
      return { status: 416, headers: [...ofAnyPart(notModifiedHeaders(headers)), unsatisfied], body: '', byteLength: 0 }
    }
    const { first, end } = selection
    const body = this.wholeBody ?? ''
    const bytes = typeof body === 'string' ? encoder.encode(body) : body
    const range = replacing('content-range', `bytes ${first}-${end - 1}/${this.#byteLength}`)
    return {
      status: 206,
      headers: [...ofAnyPart(headers), range],
      body: bytes.slice(first, end),
      byteLength: end - first,
    }
  }
}

/** Bytes that one reply owns, so that no code can change those of others. */
function ownBytes(view: RequestView, bytes: Uint8Array): Uint8Array {
  return view.ownBytes?.(bytes) ?? bytes.slice()
}

/** RFC 9530 s2: a digest of the complete content is wrong for a part. */
function ofAnyPart(headers: readonly ReplayedHeader[]): readonly ReplayedHeader[] {
  return headers.filter(({ name }) => name !== 'content-digest')
}

function lengthOf(headers: readonly ReplayedHeader[]): number {
  let length = 0
  for (const { name, value } of headers) {
    length += name.length + (typeof value === 'string' ? value.length : value.join().length)
  }
  return length
}
