/**
 * The contract between the core and an adapter.
 *
 * An adapter makes a {@link RequestView} of its framework's request and asks `open(view)` for a {@link Decision}. Then
 * it replays a response, runs the handler and settles a {@link Lease}, or continues as if Stampede were absent.
 */

/** A request as the key and the rules need it. Made for each request, and read lazily. */
export interface RequestView {
  /** As sent, in upper case. */
  readonly method: string
  /** `http` or `https`, of the connection itself. A proxy's view of it is a header. */
  readonly scheme: string
  /** The Host field (or `:authority`) as sent; '' without one. */
  readonly host: string
  /** The original request target: path and query as sent, before any mount or router changed it. */
  readonly target: string
  /**
   * The path and query by which the framework chose the handler, if they differ from the target: a rewritten URL, or
   * the result of a function of the app. Part of every key. Omit it for a mount only if the framework itself shows the
   * prefix.
   */
  readonly routed?: string | undefined
  /**
   * The identity of the request, across all contexts that its framework makes for it: a request does not wait for an
   * answer that it produces itself. Default: each view is a request of its own.
   */
  readonly message?: object | undefined
  /** The value of a header by its lower-case name; repeated lines are joined by ', '. */
  header(name: string): string | undefined
  /** Whether the client presented a TLS certificate: a credential that no header shows. */
  hasClientCertificate(): boolean
  /** Whether the client has disconnected. */
  isGone(): boolean
  /**
   * Sends a request of Stampede's own through the whole app, and resolves when it is answered, whatever the answer.
   * Absent if the framework cannot do that.
   */
  readonly refresh?: ((asked: RefreshRequest, ticket: object) => Promise<void>) | undefined
  /** The ticket that was passed to `refresh`, for a request of Stampede's own. No client may be able to set it. */
  readonly ticket?: object | undefined
  /** Whether the request has a body that no header announces, as is possible in HTTP/2. Default: no. */
  hasBody?(): boolean
  /**
   * Whether the request may have one of these headers, by lower-case name. False only if it has none of them. Without
   * this function, each header is read.
   */
  mayCarry?(names: ReadonlySet<string>): boolean
  /**
   * Stored bytes for the reply to this request. Return a copy, unless no code that receives the bytes can change them.
   * Default: a copy with memory of its own.
   */
  ownBytes?(bytes: Uint8Array): Uint8Array
  /**
   * Reads the body for the key, and leaves it unread for the handler. Null for a body longer than `maxBytes`, or one
   * that cannot be read that way. Without this function, requests with a body bypass.
   */
  readBody?(maxBytes: number): Promise<RequestBody | null>
}

/** A request of Stampede's own that refreshes a stored response. It has no body and no credentials. */
export interface RefreshRequest {
  /** GET or HEAD. */
  readonly method: string
  /** `http` or `https`, as in the request that triggered it. */
  readonly scheme: string
  /** The Host field to send. */
  readonly host: string
  /** Path and query. */
  readonly target: string
  /** By lower-case name. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** The body of a request: its bytes or, if they were consumed, the value that a parser made of them. */
export type RequestBody = Uint8Array | { readonly parsed: unknown }

/** Response headers by lower-case name, with their lines in order. */
export type HeaderLines = ReadonlyMap<string, readonly string[]>

/** A body that is still to be read. */
export interface BodyStream {
  /** Read once, to the end or until `cancel`. Throws if the body breaks off. */
  readonly chunks: AsyncIterable<Uint8Array | string>
  /** Ends the stream early, also while a chunk is awaited, and notifies its producer. */
  cancel(): void
}

/**
 * One reader of a shared body. It reads at its own pace, and only once. It throws if the body breaks off, or if it
 * falls too far behind. Call `return` on its iterator to give it up: until then it keeps the bytes that it has not
 * read.
 */
export type TappedBody = AsyncIterable<Uint8Array>

/** A complete body, as bytes or text; a stream; a stream that a lease has tapped; or no body. */
export type Body = Uint8Array | string | BodyStream | TappedBody | null

/** The handler's answer, before later hooks of the framework change it. */
export interface OriginResponse {
  /** As set on the reply. */
  readonly status: number
  /** All headers of the reply. */
  readonly headers: HeaderLines
  /** The headers that the reply had before the handler ran. */
  readonly before: HeaderLines
  /** Null for the answer to a HEAD whose body would have to be read. */
  readonly body: Body
}

/** An answer with its complete body. */
export interface WholeResponse extends OriginResponse {
  readonly body: Uint8Array | string | null
}

/** A header to set on a reply. */
export interface ReplayedHeader {
  /** In lower case. */
  readonly name: string
  /** One line, or several. Without lines the header is removed. */
  readonly value: string | readonly string[]
  /** Whether the lines are added to those of the reply, or replace them. */
  readonly append: boolean
}

/** A response to replay: the status, the headers for this request's own reply, and the body. */
export interface ReplayedResponse {
  /** The status to send: possibly a 206, 304 or 416 made from the stored response. */
  readonly status: number
  /** Apply them in order: see `applied`. */
  readonly headers: readonly ReplayedHeader[]
  /**
   * Bytes that this reply owns, or text if the handler answered with text, so that the framework's hooks see the same
   * type. While the body is still streaming, a reader: an error in it must break off the reply, not end it.
   */
  readonly body: Uint8Array | string | TappedBody | null
  /** `undefined` for a streaming body without a declared length. */
  readonly byteLength: number | undefined
}

/** How a request was answered, for the `Cache-Status` field (RFC 9211) and for events. */
export interface Outcome {
  /** Upper-cased in `X-Cache`. */
  readonly kind: 'hit' | 'stale' | 'collapsed' | 'miss' | 'bypass'
  /** Why the request was forwarded, in the words of RFC 9211 s2.2. */
  readonly forward?: 'bypass' | 'method' | 'uri-miss' | 'miss' | 'stale' | 'request'
  /** The status of the handler, if another status was sent. */
  readonly forwardStatus?: number
  /** The reason, in one of Stampede's own words. */
  readonly detail?: string
  /** `Cache-Status`, and `X-Cache` if enabled: set them on the reply, whatever the kind. */
  readonly headers: readonly ReplayedHeader[]
}

/** Send a stored response. */
export interface ReplayDecision {
  /** Discriminates the decisions. */
  readonly kind: 'replay'
  /** The response to send. */
  readonly response: ReplayedResponse
  /** Set its headers on the reply, after those of the response. */
  readonly outcome: Outcome
}

/** Run the handler on behalf of all requests for the same key, and settle the lease. */
export interface LeadDecision {
  /** Discriminates the decisions. */
  readonly kind: 'lead'
  /** Settle it in any case. */
  readonly lease: Lease
  /** Set its headers on the reply after `snapshot`, unless that returns another decision. */
  readonly outcome: Outcome
}

/** What the adapter must do with a request. */
export type Decision =
  | ReplayDecision
  | LeadDecision
  | {
      readonly kind: 'bypass'
      readonly outcome: Outcome
      /**
       * Present if the answer may invalidate stored responses. Call it with the final head before the client receives
       * it, or with status 0 if there is no head.
       */
      readonly answered?: Answered | undefined
    }

/** Receives the final head of an answer. */
export type Answered = (headers: HeaderLines, status: number) => void

/**
 * The exclusive right to fill a key, and the duty to settle it with `fulfill`, `fail`, `decline` or `abandon`. Only
 * the first call counts. After `waitTimeout`, an unsettled lease loses its key.
 */
export interface Lease {
  /**
   * Request headers that the handler must see in place of those that were sent, until `snapshot`; `undefined` removes
   * a header. Usually empty.
   */
  readonly handlerHeaders: HandlerHeaders
  /**
   * Makes a reader of the stream for the leader, so that others can read the body too. Needed only if the framework
   * receives the stream before the response is complete; pass the reader to `snapshot` as the body.
   */
  tap(source: BodyStream): TappedBody
  /**
   * Takes the handler's answer. Returns what the leader must send in its place: another response, whose headers first
   * undo those of the handler; or a stream that replaces the handler's. `undefined`: send the handler's answer. An
   * answer that may not be shared settles the lease.
   */
  snapshot(origin: OriginResponse): ReplayDecision | TappedBody | undefined
  /**
   * Call it when the head is final: the `Set-Cookie` or `Cache-Control: private` of later hooks counts. Followers
   * receive the response as soon as its body is complete, or while it streams.
   *
   * @param headers all headers of the final head; default: those of the snapshot
   */
  fulfill(headers?: HeaderLines): void
  /**
   * The handler failed. All followers get its error, unless the framework's answer to the error concerns one client
   * only, or the leader's client has disconnected, which may be why it failed. Returns a response that the leader may
   * send in place of the error, on a reply reset to the headers from before the handler ran.
   *
   * @param head the framework's answer to the error; default: status 500 without headers
   */
  fail(error: unknown, head?: ErrorHead): ReplayDecision | undefined
  /** The answer cannot be shared: each follower runs its own handler at once, in parallel. */
  decline(reason: string): void
  /** The leader gives up, and the oldest follower gets the next lease. */
  abandon(): void
}

/** Request headers that the handler sees in place of those that were sent; `undefined` removes a header. */
export type HandlerHeaders = ReadonlyMap<string, string | undefined>

/** The head of the framework's answer to an error. */
export interface ErrorHead {
  /** Shows whether the error concerns one client only. */
  readonly status: number
  /** They show the same. */
  readonly headers: HeaderLines
}

/** The answer to one request, as `run` returns it. */
export type Answer =
  | { readonly kind: 'replayed'; readonly response: ReplayedResponse; readonly outcome: Outcome }
  | { readonly kind: 'forwarded'; readonly origin: OriginResponse; readonly outcome: Outcome }
