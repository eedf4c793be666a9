/**
 * The key / fetch / replay contract between the core and an adapter.
 *
 * An adapter turns its framework's request into a {@link RequestView}, asks `open(view)` for a {@link Decision}, and then
 * replays a response, runs the handler and settles a {@link Lease}, or goes on as if Stampede were not there.
 */

/** A request as the key and the rules need it. Made anew for each request; read lazily. */
export interface RequestView {
  /** As sent, in upper case. */
  readonly method: string
  /** `http` or `https`, of the connection itself; what a proxy says of it is a header. */
  readonly scheme: string
  /** The Host field (or `:authority`) as sent; '' if there was none. */
  readonly host: string
  /** The original request target, path and query as sent, whatever a mount or router made of it. */
  readonly target: string
  /**
   * What the framework has chosen the handler by, as path and query, where that is something else than the target: a rewritten
   * URL, or what a function of the app makes of the request. It is part of every key. Leave it out for a mount only where the
   * framework itself shows the prefix.
   */
  readonly routed?: string | undefined
  /**
   * What one request is known by, through however many contexts its framework makes for it: it does not wait for an answer
   * that it makes itself. Default: each view is of a request of its own.
   */
  readonly message?: object | undefined
  /** The value of a header by its lower-case name, repeated lines joined by ', '. */
  header(name: string): string | undefined
  /** Whether the client showed a TLS certificate: a credential that no header shows. */
  hasClientCertificate(): boolean
  /** Whether the client has gone. */
  isGone(): boolean
  /**
   * Sends a request of Stampede's own through the whole app and resolves when it is answered, whatever the answer. Absent
   * where that can't be done.
   */
  readonly refresh?: ((asked: RefreshRequest, ticket: object) => Promise<void>) | undefined
  /** The ticket that `refresh` was given for this request. It must come from where no client can put it. */
  readonly ticket?: object | undefined
  /** Whether there is a body though no header says so, as HTTP/2 may have it. Default: no. */
  hasBody?(): boolean
  /**
   * Whether it may have a header of one of these lower-case names: false only where it has none of them. Without it, each
   * is asked for.
   */
  mayCarry?(names: ReadonlySet<string>): boolean
  /**
   * Stored bytes for this request's reply: a copy, unless nothing that gets hold of them can change them. Default: a copy
   * that shares its memory with nothing.
   */
  ownBytes?(bytes: Uint8Array): Uint8Array
  /**
   * Reads the body for the key, and leaves it to the handler as it was. Null for one that is longer than `maxBytes`, or
   * that cannot be read so. Without it, requests with a body take no part.
   */
  readBody?(maxBytes: number): Promise<RequestBody | null>
}

/** A request of Stampede's own, which refreshes what is stored. It has no body and nobody's credentials. */
export interface RefreshRequest {
  /** GET or HEAD. */
  readonly method: string
  /** As the trigger's: `http` or `https`. */
  readonly scheme: string
  /** The Host field to send. */
  readonly host: string
  /** Path and query. */
  readonly target: string
  /** By lower-case name. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** The body of a request: its bytes or, where they are gone, all that others have made of them. */
export type RequestBody = Uint8Array | { readonly parsed: unknown }

/** Response headers by lower-case name; each name with its lines in order. */
export type HeaderLines = ReadonlyMap<string, readonly string[]>

/** A body that is still to be read. */
export interface BodyStream {
  /** Read once, to its end or until `cancel`. It throws where the body breaks off. */
  readonly chunks: AsyncIterable<Uint8Array | string>
  /** Ends the stream early, also while a chunk is awaited; whoever makes it is told so. */
  cancel(): void
}

/**
 * A reader of a body that others read too, at its own pace; it can be read once. It fails where the body breaks off, and
 * for a reader that falls too far behind. Give it up by its iterator's `return`: until then it holds what it has not read.
 */
export type TappedBody = AsyncIterable<Uint8Array>

/** A whole body, as bytes or text; one that is still to be read; one that a lease has tapped; or none. */
export type Body = Uint8Array | string | BodyStream | TappedBody | null

/** What the handler answered, before the framework's later hooks had their say. */
export interface OriginResponse {
  /** As it stands on the reply. */
  readonly status: number
  /** All that stand on the reply. */
  readonly headers: HeaderLines
  /** The headers that stood on the reply before the handler ran. */
  readonly before: HeaderLines
  /** None for the answer to a HEAD that would have to be read. */
  readonly body: Body
}

/** An answer all of whose body is there. */
export interface WholeResponse extends OriginResponse {
  readonly body: Uint8Array | string | null
}

/** A header to put on a reply. */
export interface ReplayedHeader {
  /** In lower case. */
  readonly name: string
  /** One line, or several. None: what stands on the reply is removed. */
  readonly value: string | readonly string[]
  /** Added to the lines that are there, rather than put in their place. */
  readonly append: boolean
}

/** A response to replay: the status, the headers to apply to this request's own reply, and the body. */
export interface ReplayedResponse {
  /** The status to answer with: also a 206, 304 or 416 that is made of what is stored. */
  readonly status: number
  /** To apply one after the other: see `applied`. */
  readonly headers: readonly ReplayedHeader[]
  /**
   * Bytes of its own, or text where the handler answered with text: the framework's hooks see the same kind. A reader of
   * its own where the body is still on its way: what fails in it must break off the reply, never end it.
   */
  readonly body: Uint8Array | string | TappedBody | null
  /** `undefined` for a body on its way whose head does not declare it. */
  readonly byteLength: number | undefined
}

/** What became of a request, for the `Cache-Status` field (RFC 9211) and for events. */
export interface Outcome {
  /** In `X-Cache` in upper case. */
  readonly kind: 'hit' | 'stale' | 'collapsed' | 'miss' | 'bypass'
  /** Why a request went forward, in the words of RFC 9211 s2.2 */
  readonly forward?: 'bypass' | 'method' | 'uri-miss' | 'miss' | 'stale' | 'request'
  /** What the handler answered, where something else was sent. */
  readonly forwardStatus?: number
  /** The reason, in a word of Stampede's own. */
  readonly detail?: string
  /** `Cache-Status`, and `X-Cache` where it is asked for: to put on the reply, whatever the kind. */
  readonly headers: readonly ReplayedHeader[]
}

/** A stored response to be given. */
export interface ReplayDecision {
  /** Tells it from other decisions. */
  readonly kind: 'replay'
  /** What to answer with. */
  readonly response: ReplayedResponse
  /** Its headers go onto the reply, after those of the response. */
  readonly outcome: Outcome
}

/** The handler is to be run for all who ask for the same, and the lease to be settled. */
export interface LeadDecision {
  /** Tells it from other decisions. */
  readonly kind: 'lead'
  /** To be settled, whatever happens. */
  readonly lease: Lease
  /** Its headers go onto the reply after `snapshot`, unless that gives another decision. */
  readonly outcome: Outcome
}

/** What a request is to do. */
export type Decision =
  | ReplayDecision
  | LeadDecision
  | {
      readonly kind: 'bypass'
      readonly outcome: Outcome
      /**
       * There where the answer may invalidate something: to call with its final head, before the client can see it, and with
       * status 0 where there comes none.
       */
      readonly answered?: Answered | undefined
    }

/** Told of the final head of an answer. */
export type Answered = (headers: HeaderLines, status: number) => void

/**
 * The exclusive right to fill a key, and the duty to settle it: by `fulfill`, `fail`, `decline` or `abandon`. Only the
 * first counts. A lease that nobody settles is taken off its key after `waitTimeout`.
 */
export interface Lease {
  /**
   * Request headers by lower-case name that the handler is to see in place of those that were sent, from now until
   * `snapshot`; `undefined`: none of that name. Mostly there are none.
   */
  readonly handlerHeaders: HandlerHeaders
  /**
   * A reader of the stream for the leader, so that others can have the body too. Only needed where the framework gets
   * hold of the stream before the response is whole; give what it returns to `snapshot` as the body.
   */
  tap(source: BodyStream): TappedBody
  /**
   * Takes what the handler left. Returns what the leader is to send in its place: another answer, whose headers first
   * take back those of the handler; the stream to send in place of the handler's; or `undefined`: send what the handler
   * left. Where the response may not be shared, the lease is settled by this.
   */
  snapshot(origin: OriginResponse): ReplayDecision | TappedBody | undefined
  /**
   * The head is final: later hooks have had their say, and their `Set-Cookie` or `Cache-Control: private` counts.
   * Followers get the response as soon as its body is whole.
   *
   * @param headers all headers of the final head; default: those of the snapshot
   */
  fulfill(headers?: HeaderLines): void
  /**
   * The handler failed. All followers get this very error, unless the answer that the framework makes of it speaks to
   * one client only, or the leader's client has gone, which may be why it failed. Returns what the leader may send in
   * place of the error, on a reply that is put back to what stood on it before the handler ran.
   *
   * @param head what the framework answers the error with; default: status 500 without headers
   */
  fail(error: unknown, head?: ErrorHead): ReplayDecision | undefined
  /** Nothing here can be shared: each follower runs its own handler at once, in parallel. */
  decline(reason: string): void
  /** The leader gives up: the oldest follower gets the next lease. */
  abandon(): void
}

/** Request headers that the handler is shown in place of those that were sent; `undefined`: none of that name. */
export type HandlerHeaders = ReadonlyMap<string, string | undefined>

/** The head of the answer that a framework makes of an error. */
export interface ErrorHead {
  /** It says whether the error speaks to one client only. */
  readonly status: number
  /** So do these. */
  readonly headers: HeaderLines
}

/** Answers one request: what `run` gives back where nothing is to be replayed from the outside. */
export type Answer =
  | { readonly kind: 'replayed'; readonly response: ReplayedResponse; readonly outcome: Outcome }
  | { readonly kind: 'forwarded'; readonly origin: OriginResponse; readonly outcome: Outcome }
