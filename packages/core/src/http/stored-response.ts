import { type Lifetime, lifetimeFrom } from '../freshness.ts'
import { StoreEntry } from '../store-entry.ts'
import { isNotModified, notModifiedHeaders, type Validators } from './conditional.ts'
import { replacing } from './headers.ts'
import { ageMs } from './storable.ts'
import type { HeaderLines, ReplayedHeader, ReplayedResponse, RequestView } from './types.ts'

const encoder = new TextEncoder()

/** What an entry counts for beside its key, headers and body. */
const OVERHEAD_BYTES = 256
/** Strings are counted at two bytes a character. */
const CHARACTER_BYTES = 2

/** What a stored response is made of. */
export interface MadeResponse {
  readonly key: string
  readonly origin: { readonly status: number; readonly headers: HeaderLines }
  /** Those of the origin's headers that are replayed. */
  readonly headers: readonly ReplayedHeader[]
  readonly body: Uint8Array | string | null
  /** What it is found by when it is to be dropped. */
  readonly marks: readonly string[]
  readonly now: number
  /** Milliseconds from `now` for which it is fresh; 0 or less: only for those who wait. */
  readonly lifetime: number
}

/** A response that may be given to others. Immutable: each replay hands out a body of its own. */
export class StoredResponse extends StoreEntry {
  readonly storedAt: number
  readonly freshUntil: number
  readonly goneAt: number
  readonly bytes: number
  readonly marks: readonly string[]
  readonly #status: number
  readonly #headers: readonly ReplayedHeader[]
  readonly #body: Uint8Array | string | null
  readonly #byteLength: number
  readonly #ageBefore: number
  readonly #validators: Validators

  constructor({ key, origin, headers, body, marks, now, lifetime }: MadeResponse) {
    super(key)
    const span: Lifetime = lifetimeFrom(now, Math.max(0, lifetime), 0)
    this.storedAt = span.storedAt
    this.freshUntil = span.freshUntil
    this.goneAt = span.goneAt
    this.marks = marks
    this.#status = origin.status
    this.#headers = headers
    // A copy, and never a view of the handler's own buffer, which it may use again.
    this.#body = body instanceof Uint8Array ? new Uint8Array(body) : body
    this.#byteLength = byteLength(body)
    this.#ageBefore = ageMs(origin.headers)
    this.#validators = {
      etag: origin.headers.get('etag')?.[0],
      lastModified: origin.headers.get('last-modified')?.[0],
    }
    const characters = key.length + lengthOf(headers) + marks.join('').length
    this.bytes = OVERHEAD_BYTES + CHARACTER_BYTES * characters + this.#byteLength
  }

  /** The response for one request: 304 where it holds what the request names (RFC 9111 s4.3.2). */
  replayFor(view: RequestView, now: number): ReplayedResponse {
    // RFC 9111 s5.1; s4.2.3 gives the sum.
    const age = replacing('age', String(Math.floor((now - this.storedAt + this.#ageBefore) / 1000)))
    if (this.#status === 200 && isNotModified(view, this.#validators)) {
      return { status: 304, headers: [...notModifiedHeaders(this.#headers), age], body: null, byteLength: 0 }
    }
    return { status: this.#status, headers: [...this.#headers, age], ...this.#ownBody() }
  }

  #ownBody(): Pick<ReplayedResponse, 'body' | 'byteLength'> {
    const body = this.#body instanceof Uint8Array ? this.#body.slice() : this.#body
    return { body, byteLength: this.#byteLength }
  }
}

/** The bytes of a body; of text, those of its UTF-8. */
export function byteLength(body: Uint8Array | string | null): number {
  if (body === null) return 0
  return typeof body === 'string' ? encoder.encode(body).byteLength : body.byteLength
}

function lengthOf(headers: readonly ReplayedHeader[]): number {
  let length = 0
  for (const { name, value } of headers) {
    length += name.length + (typeof value === 'string' ? value.length : value.join().length)
  }
  return length
}
