import { type Lifetime, lifetimeFrom } from '../freshness.ts'
import { StoreEntry } from '../store-entry.ts'
import { isNotModified, notModifiedHeaders, type Validators } from './conditional.ts'
import { combined, replacing } from './headers.ts'
import { SharedBody } from './shared-body.ts'
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
  /** One that is still on its way is for those who ask meanwhile; it is not to be stored. */
  readonly body: Uint8Array | string | SharedBody | null
  /** When its head was there: ages and lifetimes count from then (RFC 9111 s4.2.3). */
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
  readonly #status: number
  readonly #headers: readonly ReplayedHeader[]
  readonly #body: Uint8Array | string | SharedBody | null
  /** Unknown of a body on its way whose head does not declare it. */
  readonly #byteLength: number | undefined
  readonly #ageBefore: number
  readonly #validators: Validators

  constructor({ key, origin, headers, body, now, lifetime }: MadeResponse) {
    super(key)
    const span: Lifetime = lifetimeFrom(now, Math.max(0, lifetime), 0)
    this.storedAt = span.storedAt
    this.freshUntil = span.freshUntil
    this.goneAt = span.goneAt
    this.#status = origin.status
    this.#headers = headers
    // A copy, and never a view of the handler's own buffer, which it may use again.
    this.#body = body instanceof Uint8Array ? new Uint8Array(body) : body
    this.#byteLength = body instanceof SharedBody ? declaredLength(origin.headers) : byteLength(body)
    this.#ageBefore = ageMs(origin.headers)
    this.#validators = {
      etag: origin.headers.get('etag')?.[0],
      lastModified: origin.headers.get('last-modified')?.[0],
    }
    this.bytes = OVERHEAD_BYTES + CHARACTER_BYTES * (key.length + lengthOf(headers)) + (this.#byteLength ?? 0)
  }

  /** The response for one request: 304 where it holds what the request names (RFC 9111 s4.3.2). */
  replayFor(view: RequestView, now: number): ReplayedResponse {
    // RFC 9111 s5.1; s4.2.3 gives the sum.
    const age = replacing('age', String(Math.floor((now - this.storedAt + this.#ageBefore) / 1000)))
    if (this.#status === 200 && isNotModified(view, this.#validators)) {
      return { status: 304, headers: [...notModifiedHeaders(this.#headers), age], body: null, byteLength: 0 }
    }
    const headers = [...this.#headers, age]
    // RFC 9110 s9.3.2: the head of a GET, and nothing that would have to be read. With a body the framework says the length.
    if (view.method === 'HEAD' && this.#body instanceof SharedBody)
      return { status: this.#status, headers: this.#withLength(headers), body: null, byteLength: this.#byteLength }
    return { status: this.#status, headers, body: this.#ownBody(), byteLength: this.#byteLength }
  }

  #ownBody(): ReplayedResponse['body'] {
    if (this.#body instanceof SharedBody) return this.#body.reader()
    return this.#body instanceof Uint8Array ? this.#body.slice() : this.#body
  }

  #withLength(headers: readonly ReplayedHeader[]): readonly ReplayedHeader[] {
    if (this.#byteLength === undefined) return headers
    return [...headers, replacing('content-length', String(this.#byteLength))]
  }
}

/** The bytes of a body; of text, those of its UTF-8. */
export function byteLength(body: Uint8Array | string | null): number {
  if (body === null) return 0
  return typeof body === 'string' ? encoder.encode(body).byteLength : body.byteLength
}

/** The length that a head declares, in bytes. */
export function declaredLength(headers: HeaderLines): number | undefined {
  const length = combined(headers, 'content-length')
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
}

function lengthOf(headers: readonly ReplayedHeader[]): number {
  let length = 0
  for (const { name, value } of headers) {
    length += name.length + (typeof value === 'string' ? value.length : value.join().length)
  }
  return length
}
